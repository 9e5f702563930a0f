import { runSuites } from './run-suites.ts'

/** `npm run test:long`: what takes minutes, and is left out of `npm test`. The last line sums it. */
await runSuites([
  {
    name: 'long',
    args: ['run', '--config', 'e2e/vitest.config.ts', '.long.test.ts'],
    env: { CROSSFADE_LONG: 'true' },
  },
])
