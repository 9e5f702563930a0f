import { systemClock } from '@crossfade/runtime/clock'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { systemAuthor } from './author.ts'
import { quietLogger } from './engines-for-test.ts'
import { openStore } from './open.ts'

/** A process for tests to kill: makes revisions without end and prints each one it was told is stored. */
const [dataDir = ''] = process.argv.slice(2)
const store = await openStore({
  databaseUrl: null,
  dataDir,
  auditKeys: testAuditKeys,
  clock: systemClock,
  logger: quietLogger,
})
for (;;) {
  const { revision } = await store.change(systemAuthor, 'default', (tx) => tx.revise())
  process.stdout.write(`${revision}\n`)
}
