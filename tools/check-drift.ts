// node tools/check-drift.ts: 0 when prisma/migrations and schema.prisma agree; 2 and the missing SQL when not.
import { missingMigration } from './schema-engine.ts'

const sql = await missingMigration()
console.log(sql === null ? 'schema.prisma and its migrations agree' : `-- not in prisma/migrations:\n${sql}`)
process.exit(sql === null ? 0 : 2)
