import { writeFileSync } from 'node:fs'
import { openHttp } from '../apps/control-plane/src/http/http-for-test.ts'
import { openApiText } from '../apps/control-plane/src/http/plumbing/openapi.ts'

/** Writes docs/openapi.json from the routes as they are; a test says when it has to be run again. */
const house = await openHttp()
writeFileSync(new URL('../docs/openapi.json', import.meta.url), openApiText(house.app))
await house.close()
