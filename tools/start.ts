import { build } from './build.ts'

/** `npm start`: builds what is not built yet, then runs the demo until Ctrl-C. */
await build()
await import('../examples/src/demo.ts')
