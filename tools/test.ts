import { runSuites } from './run-suites.ts'

/** `npm test`: rings 1 and 2, then ring 3 on the built programs. The last line sums all suites. */
await runSuites([
  { name: 'parts', args: ['run'] },
  { name: 'system', args: ['run', '--config', 'e2e/vitest.config.ts'] },
])
