import { sleep, systemClock } from '@crossfade/runtime/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemAuthor, type ChangeDraft } from './author.ts'
import { testEngines } from './engines-for-test.ts'
import { isUniqueViolation, sqlStateOf } from './errors.ts'
import { loadSnapshot } from './snapshot.ts'
import type { Store } from './store.ts'

/** What both databases promise. */
describe.each(testEngines())('the store on $name', (engine) => {
  let store: Store

  beforeAll(async () => {
    await engine.start()
    store = await engine.open()
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })

  const draft = (act: string, extra: Partial<ChangeDraft> = {}): ChangeDraft => ({
    act,
    object: { kind: 'thing', id: act, name: act },
    before: null,
    after: null,
    ...extra,
  })
  const audited = (act: string) => store.prisma.change.findMany({ where: { act }, orderBy: { seq: 'asc' } })
  const revision = async () =>
    (await store.prisma.environment.findUniqueOrThrow({ where: { id: 'default' } })).revision

  it('has one environment from the start, and its making is audited', async () => {
    const { snapshot, revision: first } = await loadSnapshot(store, 'default')
    expect(snapshot.environment).toMatchObject({ id: 'default', name: 'default', defaults: [] })
    expect(first).toBe(1)
    expect(await audited('environment.create')).toMatchObject([
      { objectId: 'default', actorKind: 'system', environmentId: null },
    ])
  })

  it('writes an act, its audit row and its revision together', async () => {
    const before = await revision()
    const result = await store.change(systemAuthor, 'default', async (tx) => {
      await tx.db.segment.create({
        data: { environmentId: 'default', name: 'together', side: 'new', conditions: [] },
      })
      const [first, second] = [await tx.revise(), await tx.revise()]
      expect(first).toBe(second)
      tx.record(draft('together', { after: { token: 'very secret', kept: [1, 'ü'] }, reason: 'because' }))
      return 'done'
    })
    expect(result).toMatchObject({ value: 'done', revision: before + 1 })
    expect(await revision()).toBe(before + 1)
    const rows = await audited('together')
    expect(rows).toMatchObject([
      { after: { token: '[redacted]', kept: [1, 'ü'] }, reason: 'because', revision: before + 1 },
    ])
    expect(result.changes).toEqual([{ seq: Number(rows[0]?.seq), at: rows[0]?.at.toISOString() }])
  })

  it('leaves nothing of an act that fails', async () => {
    const before = await revision()
    const heard: number[] = []
    const stop = store.onRevision((_, next) => heard.push(next))
    const failing = store.change(systemAuthor, 'default', async (tx) => {
      await tx.db.segment.create({
        data: { environmentId: 'default', name: 'undone', side: 'new', conditions: [] },
      })
      await tx.revise()
      tx.record(draft('undone'))
      throw new Error('second thoughts')
    })
    await expect(failing).rejects.toThrow('second thoughts')
    stop()
    expect(await revision()).toBe(before)
    expect(await audited('undone')).toEqual([])
    expect(await store.prisma.segment.count({ where: { name: 'undone' } })).toBe(0)
    expect(heard).toEqual([])
  })

  it('leaves nothing of an act whose audit row cannot be written', async () => {
    const failing = store.change(systemAuthor, 'default', async (tx) => {
      await tx.db.segment.create({
        data: { environmentId: 'default', name: 'unaudited', side: 'new', conditions: [] },
      })
      tx.record(draft('unaudited', { after: { text: 'a\u0000b' } }))
    })
    await expect(failing).rejects.toThrow(/unicode|null character|\\u0000/i)
    expect(await store.prisma.segment.count({ where: { name: 'unaudited' } })).toBe(0)
  })

  it('keeps the audit trail append-only', async () => {
    await store.change(systemAuthor, null, async (tx) => tx.record(draft('kept')))
    const attempts = [
      () => store.prisma.change.updateMany({ data: { act: 'altered' } }),
      () => store.prisma.change.deleteMany({ where: { act: 'kept' } }),
      () => store.prisma.$executeRawUnsafe('TRUNCATE "Change"'),
      () =>
        store.prisma.$transaction([
          store.prisma.$executeRawUnsafe('SET LOCAL session_replication_role = replica'),
          store.prisma.$executeRawUnsafe('DELETE FROM "Change"'),
        ]),
    ]
    for (const attempt of attempts) {
      const error = await attempt().then(
        () => null,
        (reason: unknown) => reason,
      )
      expect(sqlStateOf(error)).toBe('23001')
    }
    expect(await audited('kept')).toHaveLength(1)
  })

  it('commits revisions of one environment in order, and tells each once', async () => {
    const before = await revision()
    const heard: number[] = []
    const stop = store.onRevision((environmentId, next) => {
      if (environmentId === 'default') heard.push(next)
    })
    const results = await Promise.all(
      Array.from({ length: 12 }, () =>
        store.change(systemAuthor, 'default', async (tx) => {
          await tx.revise()
        }),
      ),
    )
    const made = results.map((result) => result.revision ?? 0).toSorted((a, b) => a - b)
    expect(made).toEqual(Array.from({ length: 12 }, (_, i) => before + 1 + i))
    // A later commit may be told first; then the earlier one is old news. Never twice, never backwards.
    expect(heard.at(-1)).toBe(before + 12)
    expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b))
    stop()
  })

  it('lets exactly one of two writers win on the same version', async () => {
    const row = await store.prisma.segment.create({
      data: { environmentId: 'default', name: 'contested', side: 'new', conditions: [] },
    })
    const write = (side: string) =>
      store.transaction(async (db) => {
        const { count } = await db.segment.updateMany({
          where: { id: row.id, version: 1 },
          data: { side, version: { increment: 1 } },
        })
        return count
      })
    const counts = await Promise.all([write('legacy'), write('new'), write('legacy'), write('new')])
    expect(counts.reduce((sum, count) => sum + count)).toBe(1)
  })

  it('stores instants in UTC, whatever the time zone of the server', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z')
    const row = await store.prisma.user.create({
      data: { email: 'a@example.com', name: 'a', role: 'viewer', lastSeenAt: at },
    })
    const [stored] = await store.prisma.$queryRaw<{ ms: number; age: number }[]>`
      SELECT round(extract(epoch FROM "lastSeenAt") * 1000)::float8 AS ms,
             abs(extract(epoch FROM now() - "createdAt"))::float8 AS age
      FROM "User" WHERE id = ${row.id}`
    expect(stored?.ms).toBe(at.getTime())
    expect(stored?.age).toBeLessThan(60)
    expect((await store.prisma.user.findUniqueOrThrow({ where: { id: row.id } })).lastSeenAt).toEqual(at)
  })

  it('says which SQL state an error has, however deep it lies', async () => {
    const create = () =>
      store.prisma.idempotencyKey.create({
        data: { key: 'twice', fingerprint: '', status: 200, response: {} },
      })
    await create()
    const error: unknown = await create().catch((reason: unknown) => reason)
    expect(sqlStateOf(error)).toBe('23505')
    expect(isUniqueViolation(error)).toBe(true)
  })

  it('keeps statements of many connections apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 3 === 0
          ? store.transaction(async (db) => {
              const [row] = await db.$queryRaw<{ n: number }[]>`SELECT ${i}::int AS n`
              await db.environment.count()
              return row?.n
            })
          : store.prisma.$queryRaw<{ n: number }[]>`SELECT ${i}::int AS n`.then(([row]) => row?.n),
      ),
    )
    expect(answers).toEqual(Array.from({ length: 60 }, (_, i) => i))
  })

  it('reads a snapshot as of one moment while it is being changed', async () => {
    const data = { environmentId: 'default', side: 'new', conditions: [] }
    const reading = new AbortController()
    const writer = (async () => {
      for (let i = 0; !reading.signal.aborted; i++) {
        await store.change(systemAuthor, 'default', async (tx) => {
          await tx.db.segment.create({ data: { ...data, name: `moment ${i}` } })
          await tx.revise()
        })
        await sleep(systemClock, 1)
      }
    })()
    const before = await loadSnapshot(store, 'default')
    const offset = before.snapshot.segments.length - before.revision
    for (let i = 0; i < 10; i++) {
      const { revision: at, snapshot } = await loadSnapshot(store, 'default')
      expect(snapshot.segments.length - at).toBe(offset)
    }
    reading.abort()
    await writer
  })

  it('refuses a change in an environment that does not exist', async () => {
    const act = store.change(systemAuthor, 'nowhere', async () => 'never')
    await expect(act).rejects.toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'environmentId' }],
    })
  })

  it('is ready while its database answers', async () => {
    expect(await store.isReady()).toBe(true)
  })
})
