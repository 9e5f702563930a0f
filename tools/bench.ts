import { build } from './build.ts'
import { bin, run } from './run.ts'

/** `npm run bench`: the built programs, measured side by side in one run. */
await build()
process.exitCode = await run(bin('node'), ['bench/run.ts', ...process.argv.slice(2)])
