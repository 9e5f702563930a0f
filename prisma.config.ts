import { defineConfig } from 'prisma/config'

// `prisma generate` needs no schema engine, yet the CLI downloads one unless this names an existing file.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath
process.env['CHECKPOINT_DISABLE'] ??= '1'

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } })
