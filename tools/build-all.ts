import { build } from './build.ts'

/** `npm run build`: the dashboard and the agent's one file. */
await build()
