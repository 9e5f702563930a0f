import { defineConfig } from 'vitest/config'

const node = (name: string, folder: string, options: object = {}) => ({
  test: { name, root: folder, include: ['src/**/*.test.ts'], environment: 'node', ...options },
})

/** Rings 1 and 2. Ring 3 (real processes) has its own configuration in e2e/. */
export default defineConfig({
  test: {
    projects: [
      node('core', 'packages/core'),
      node('contracts', 'packages/contracts'),
      node('runtime', 'packages/runtime'),
      node('testkit', 'packages/testkit'),
      node('cli', 'packages/cli'),
      node('agent', 'apps/agent'),
      node('control-plane', 'apps/control-plane', { testTimeout: 30_000, hookTimeout: 60_000 }),
      node('examples', 'examples'),
      {
        test: {
          name: 'dashboard',
          root: 'apps/dashboard',
          include: ['src/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          testTimeout: 30_000,
        },
      },
    ],
  },
})
