// Read by zod before anything else runs: without it, zod tries whether it may compile code, which our content
// security policy refuses and reports.
globalThis.__zod_globalConfig = { jitless: true }
