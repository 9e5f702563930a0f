import { z } from 'zod'
import { shareOfPercent } from '@crossfade/contracts/percent'
import type { Share } from '@crossfade/core/model'
import type { ChangeRow } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { literally } from './like.ts'
import { toPage, within, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export interface ChangesFilter extends ListQuery {
  readonly actor?: string | undefined
  readonly act?: string | undefined
  readonly objectKind?: string | undefined
  readonly objectId?: string | undefined
  readonly source?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly text?: string | undefined
}

export interface LastChange {
  readonly objectId: string
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly act: string
}

/** Newest first. */
export async function listChanges(db: Db, filter: ChangesFilter): Promise<Page<ChangeRow>> {
  const rows = await db.change.findMany({
    where: { AND: conditions(filter) },
    orderBy: { seq: 'desc' },
    take: filter.limit + 1,
  })
  return toPage(rows, filter.limit, (row) => String(row.seq))
}

export function findChange(db: Db, seq: number): Promise<ChangeRow | null> {
  return db.change.findUnique({ where: { seq } })
}

/** What happened to an object, newest first; for a mapping also what its group did. */
export function historyOf(db: Db, objectId: string, limit: number): Promise<ChangeRow[]> {
  return db.change.findMany({
    where: { OR: [{ objectId }, { alsoTouches: { has: objectId } }] },
    orderBy: { seq: 'desc' },
    take: limit,
  })
}

/** Shares, in basis points, that a mapping or group had before each of its moves since then. */
export async function sharesSince(db: Db, objectId: string, since: Date): Promise<Share[]> {
  const rows = await db.change.findMany({
    where: { at: { gte: since }, OR: [{ objectId }, { alsoTouches: { has: objectId } }] },
    select: { objectId: true, before: true },
  })
  return rows.flatMap(({ objectId: about, before }) => {
    const own = about === objectId ? z.object({ percent: z.number() }).safeParse(before) : null
    if (own?.success) return [shareOfPercent(own.data.percent)]
    const many = sharesBefore.safeParse(before)
    const mine = many.success ? many.data.shares.find(({ id }) => id === objectId) : undefined
    return mine ? [shareOfPercent(mine.percent)] : []
  })
}

const sharesBefore = z.object({ shares: z.array(z.object({ id: z.string(), percent: z.number() })) })

/** The last change that touched each object. */
export async function lastChangesOf(db: Db, ids: readonly string[]): Promise<Map<string, LastChange>> {
  const rows = await db.$queryRaw<(Omit<LastChange, 'seq'> & { seq: bigint })[]>`
    SELECT o.id AS "objectId", c.seq, c.at, c."actorName" AS actor, c.act
    FROM unnest(${[...ids]}::text[]) AS o(id)
    CROSS JOIN LATERAL (
      (SELECT seq, at, "actorName", act FROM "Change" WHERE "objectId" = o.id ORDER BY seq DESC LIMIT 1)
      UNION ALL
      (SELECT seq, at, "actorName", act FROM "Change" WHERE "alsoTouches" @> ARRAY[o.id]
       ORDER BY seq DESC LIMIT 1)
      ORDER BY seq DESC LIMIT 1
    ) AS c`
  return new Map(rows.map((row) => [row.objectId, { ...row, seq: Number(row.seq) }]))
}

function conditions(filter: ChangesFilter): Prisma.ChangeWhereInput[] {
  const { among, actor, act, objectKind, objectId, source, from, to, text, cursor } = filter
  const environmentId = within(among)
  const found: (Prisma.ChangeWhereInput | false)[] = [
    // Rows of the whole installation belong to no environment: only who may read them all sees those.
    environmentId !== undefined && { environmentId },
    actor !== undefined && { OR: [{ actorId: actor }, { actorName: contains(actor) }] },
    act !== undefined && { act: { startsWith: literally(act) } },
    objectKind !== undefined && { objectKind },
    objectId !== undefined && { OR: [{ objectId }, { alsoTouches: { has: objectId } }] },
    source !== undefined && { source },
    from !== undefined && { at: { gte: new Date(from) } },
    to !== undefined && { at: { lt: new Date(to) } },
    text !== undefined && {
      OR: [
        { objectName: contains(text) },
        { reason: contains(text) },
        { actorName: contains(text) },
        { act: contains(text) },
      ],
    },
    cursor !== undefined && { seq: { lt: sequence(cursor) } },
  ]
  return found.filter((condition) => condition !== false)
}

/** A cursor that is no number ends the list rather than the request. */
function sequence(cursor: string): bigint {
  return /^\d{1,18}$/.test(cursor) ? BigInt(cursor) : 0n
}

const contains = (text: string) => ({
  contains: literally(text),
  mode: 'insensitive' as const,
})
