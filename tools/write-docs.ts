import { writeFileSync } from 'node:fs'
import { configurationPage } from './configuration.ts'

/** Writes the pages that are printed from tables. `npm run check` says when one is out of date. */
writeFileSync('docs/configuration.md', configurationPage())
