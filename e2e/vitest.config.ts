import { defineConfig } from 'vitest/config'

/** Ring 3: real processes, one file at a time so that two cores are enough. */
export default defineConfig({
  test: {
    root: 'e2e',
    include: ['src/**/*.test.ts'],
    exclude: process.env['CROSSFADE_LONG'] === 'true' ? [] : ['src/**/*.long.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
