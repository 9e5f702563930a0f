import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from './build.ts'
import { bin, run } from './run.ts'
import { closingLine, countsOf, type Counts } from './summary.ts'

/** A run of Vitest: what it is called in its report, its arguments, and what its processes find in their environment. */
export interface Suite {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Builds, runs the suites one after the other, and ends with the line that sums them. */
export async function runSuites(suites: readonly Suite[]): Promise<void> {
  const reports = mkdtempSync(path.join(tmpdir(), 'crossfade-test-'))
  const counts: Counts[] = []
  try {
    await build()
    for (const { name, args, env } of suites) {
      const file = path.join(reports, `${name}.json`)
      const code = await run(
        bin('vitest'),
        [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
        { ...process.env, ...env },
      )
      const counted = countsOf(file)
      // A run that fails outside any test (a leaked handle, a crash) must not look green.
      counts.push(code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted)
    }
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  process.exitCode = counts.every(({ failed }) => failed === 0) ? 0 : 1
  console.log(closingLine(counts))
}
