import { globSync } from 'node:fs'
import path from 'node:path'
import { crossings } from './borders.ts'
import { houseProblems } from './house.ts'
import { bin, run } from './run.ts'

/** Everything a machine can say about the code without running it. Ends with 1 if anything is wrong. */
const typescriptProjects = globSync('{apps,packages}/*/tsconfig.json')
  .concat('examples/tsconfig.json', 'e2e/tsconfig.json', 'bench/tsconfig.json', 'tools/tsconfig.json')
  .map((file) => path.dirname(file))

const steps: readonly (readonly [name: string, run: () => Promise<number>])[] = [
  ['borders', () => report(crossings())],
  ['house', () => report(houseProblems())],
  ['format', () => run(bin('oxfmt'), ['--check'])],
  ['lint', () => run(bin('oxlint'), ['--type-aware', '--deny-warnings'])],
  ...typescriptProjects.map((folder) => [`types ${folder}`, () => run(bin('tsc'), ['-p', folder])] as const),
  ['unused', () => run(bin('knip'), ['--no-progress'])],
  ['schema drift', () => run(bin('node'), ['tools/check-drift.ts'])],
]

async function report(problems: readonly string[]): Promise<number> {
  for (const problem of problems) console.error(problem)
  return problems.length === 0 ? 0 : 1
}

const failed: string[] = []
for (const [name, step] of steps) {
  if ((await step()) !== 0) failed.push(name)
}
console.log(
  failed.length === 0 ? `check: ${steps.length} steps in order` : `check failed: ${failed.join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
