import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The agent as one file that needs nothing beside Node 20.19 or newer. Some parts of it are CommonJS. */
await build({
  entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
  outfile: fileURLToPath(new URL('dist/agent.mjs', import.meta.url)),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'linked',
  legalComments: 'linked',
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as createRequireForBundle } from 'node:module'",
      'const require = createRequireForBundle(import.meta.url)',
    ].join('\n'),
  },
  logLevel: 'warning',
})
