import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/**
 * All that the agent takes from undici. The rest (fetch, caches, interceptors) needs Node 22 merely to be
 * loaded; a name missing here fails the build.
 */
const undiciCore = {
  name: 'undici-core',
  setup(bundle) {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'undici-core' }))
    bundle.onLoad({ filter: /.*/, namespace: 'undici-core' }, () => ({
      contents: [
        "export { default as Pool } from 'undici/lib/dispatcher/pool.js'",
        "export { default as buildConnector } from 'undici/lib/core/connect.js'",
      ].join('\n'),
      resolveDir: here('.'),
    }))
  },
}

/** The agent as one file that needs nothing beside Node 20.19 or newer. Some of what it contains is CommonJS. */
await build({
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/agent.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'linked',
  legalComments: 'linked',
  plugins: [undiciCore],
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as createRequireForBundle } from 'node:module'",
      'const require = createRequireForBundle(import.meta.url)',
    ].join('\n'),
  },
  logLevel: 'warning',
})
