import { manualClock } from '@crossfade/testkit/manual-clock'
import { createLogger } from '@crossfade/runtime/logger'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditPage, lastPrune } from '../store/audit-rows.ts'
import { systemAuthor } from '../store/author.ts'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { testAuditKeys } from './audit-keys-for-test.ts'
import { removeOld } from './retention.ts'
import { verifyTrail } from './verify.ts'

/** Somebody who owns the database: no trigger stops them. */
async function asOwner(store: Store, ...statements: readonly string[]): Promise<void> {
  const disarm = ['ALTER TABLE "Change" DISABLE TRIGGER USER', ...statements]
  await store.prisma.$transaction(
    [...disarm, 'ALTER TABLE "Change" ENABLE ALWAYS TRIGGER "Change_stays"'].map((sql) =>
      store.prisma.$executeRawUnsafe(sql),
    ),
  )
}

describe.each(testEngines())('the audit trail on $name', (engine) => {
  const clock = manualClock(Date.UTC(2026, 5, 1))
  let store: Store
  beforeAll(() => engine.start())
  afterAll(() => engine.stop())
  beforeEach(async () => {
    store = await engine.open({ clock })
    return () => store.close()
  })

  const write = async (
    name: string,
    after: unknown = { 'a "quoted"\nname': 'é𝄞', big: 1e21, small: 0.1 },
  ) => {
    const object = { kind: 'mapping', id: 'm1', name }
    const draft = { act: 'mapping.update', object, before: null, after, alsoTouches: ['g1'] }
    await store.change(systemAuthor, 'default', async (tx) => tx.record(draft))
  }
  const verify = async () =>
    await verifyTrail({
      pageAfter: (seq, size) => auditPage(store, seq, size),
      keys: testAuditKeys,
      witnesses: [],
      pruned: await store.read(lastPrune),
    })

  it('is sealed row by row without gaps, also when many write at once and some fail', async () => {
    const failing = () =>
      store
        .change(systemAuthor, 'default', async (tx) => {
          tx.record({ act: 'x', object: { kind: 'x', id: 'x', name: 'x' }, before: null, after: null })
          throw new Error('changed our mind')
        })
        .catch(() => {})
    await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? failing() : write(`w${i}`))))
    const { rows } = await auditPage(store, 0, 100)
    expect(rows.map(({ facts }) => facts.seq)).toEqual(rows.map((_, i) => i + 1))
    expect(await verify()).toMatchObject({ finding: null, rows: 9 })
  })

  it('shows what the owner of the database did to it', async () => {
    for (let i = 0; i < 6; i++) await write(`w${i}`)
    await asOwner(store, `UPDATE "Change" SET "actorName" = 'Nobody' WHERE seq = 3`)
    expect((await verify()).finding).toMatchObject({ seq: 3, kind: 'altered' })
    await asOwner(store, 'DELETE FROM "Change" WHERE seq = 3')
    expect((await verify()).finding).toMatchObject({ seq: 3, kind: 'missing' })
  })

  it('loses its old rows behind a sealed entry alone, and stays whole', async () => {
    await write('old')
    clock.advance(40 * 24 * 3_600_000)
    await write('young')
    await removeOld({ store, days: 30, clock, logger: createLogger('audit', 'silent') })
    const { rows } = await auditPage(store, 0, 100)
    expect(rows.map(({ facts }) => facts.act)).toEqual(['mapping.update', 'audit.prune'])
    expect(rows[1]?.facts.after).toMatchObject({ through: 2 })
    expect(await verify()).toMatchObject({ finding: null, first: 3, last: 4 })
    await removeOld({ store, days: 30, clock, logger: createLogger('audit', 'silent') })
    expect((await auditPage(store, 0, 100)).rows).toHaveLength(2)
  })
})
