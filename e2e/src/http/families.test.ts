import { afterAll, beforeAll, describe, it } from 'vitest'
import type { HttpCase } from './case.ts'
import { framing } from './cases/a-framing.ts'
import { chunks } from './cases/b-chunks.ts'
import { syntax } from './cases/c-syntax.ts'
import { hops } from './cases/d-hops.ts'
import { paths } from './cases/e-paths.ts'
import { interim } from './cases/f-interim.ts'
import { answers } from './cases/g-answers.ts'
import { connections } from './cases/h-connections.ts'
import { runCase } from './run-case.ts'
import { openScene, type Scene } from './scene.ts'

const families: readonly (readonly [name: string, cases: readonly HttpCase[]])[] = [
  ['A. framing', framing],
  ['B. chunked bodies', chunks],
  ['C. request line, Host, fields', syntax],
  ['D. hop by hop', hops],
  ['E. paths', paths],
  ['F. interim answers and upgrades', interim],
  ['G. what services send back', answers],
  ['H. connections and slow clients', connections],
]

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

describe.each(families)('%s', (_, cases) => {
  it.each(cases)('$id', (httpCase) => runCase(scene, httpCase))
})
