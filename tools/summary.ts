import { readFileSync } from 'node:fs'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Reads what Vitest's JSON reporter wrote. A suite that wrote nothing, or could not be loaded, counts as failed. */
export function countsOf(reportFile: string): Counts {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Record<string, unknown>
    const number = (key: string) => Number(report[key] ?? 0)
    const unloaded = number('numFailedTestSuites') > 0 && number('numFailedTests') === 0 ? 1 : 0
    return {
      passed: number('numPassedTests'),
      failed: number('numFailedTests') + unloaded,
      skipped: number('numPendingTests') + number('numTodoTests'),
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** The line that closes a test run, alone on its line. */
export function closingLine(all: readonly Counts[]): string {
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0)
  const skipped = sum('skipped') === 0 ? '' : `, ${sum('skipped')} skipped`
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped}`
}
