import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bin, run } from './run.ts'
import { closingLine, countsOf, type Counts } from './summary.ts'
import { build } from './build.ts'

/** `npm test`: rings 1 and 2, then ring 3 on the built programs. The last line sums all suites. */
const reports = mkdtempSync(path.join(tmpdir(), 'crossfade-test-'))
const suites: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['parts', ['run']],
  ['system', ['run', '--config', 'e2e/vitest.config.ts']],
]

const counts: Counts[] = []
try {
  await build()
  for (const [name, args] of suites) {
    const file = path.join(reports, `${name}.json`)
    const code = await run(bin('vitest'), [
      ...args,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ])
    const counted = countsOf(file)
    // A run that fails outside any test (a leaked handle, a crash) must not look green.
    counts.push(code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted)
  }
} finally {
  rmSync(reports, { recursive: true, force: true })
}
process.exitCode = counts.every(({ failed }) => failed === 0) ? 0 : 1
console.log(closingLine(counts))
