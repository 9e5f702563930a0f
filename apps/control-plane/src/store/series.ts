import type { Via } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import { FAILURES, type Tally } from '@crossfade/core/tally'
import type { Prisma } from './generated/client.ts'
import type { Db } from './store.ts'

/** Which window of which series. */
export interface PointKey {
  readonly environmentId: string
  /** Empty text for unmapped traffic. */
  readonly mappingId: string
  readonly side: Side
  readonly via: Via
  /** Empty text for all clients together. */
  readonly client: string
  /** Width in seconds. */
  readonly resolution: number
  /** Start, ms since the epoch. */
  readonly at: number
}

export interface StoredPoint extends PointKey {
  readonly tally: Tally
  /** Encoded latency sketch. */
  readonly sketch: Uint8Array | null
}

export interface PointSketch extends PointKey {
  readonly sketch: Uint8Array | null
}

/**
 * Adds counts to points, makes those that are missing, and leaves every row locked. The answer is what was
 * there before: the sketches that the caller merges with its own and saves with `saveSketches`.
 */
export async function addCounts(db: Db, points: readonly StoredPoint[]): Promise<PointSketch[]> {
  const rows = await db.$queryRaw<(Row & { inserted: boolean })[]>`
    INSERT INTO "SeriesPoint" AS p ("environmentId", "resolution", "mappingId", "side", "via", "client", "at",
      "requests", "statuses", "failures", "fallbacks", "breakerOpenings", "retries", "bytesIn", "bytesOut", "sketch")
    SELECT r.e, r.res, r.m, r.s, r.v, r.c, r.at, r.n, r.st, r.f, r.fb, r.op, r.rt, r.bi, r.bo, decode(r.sk, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(points.map(packed))}::jsonb) AS r(e text, res int, m text, s text,
      v text, c text, at timestamptz, n bigint, st bigint[], f bigint[], fb bigint, op bigint, rt bigint, bi bigint, bo bigint,
      sk text)
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT ("environmentId", "resolution", "mappingId", "side", "via", "client", "at") DO UPDATE SET
      "requests" = p."requests" + excluded."requests",
      "statuses" = ARRAY[p."statuses"[1] + excluded."statuses"[1], p."statuses"[2] + excluded."statuses"[2],
        p."statuses"[3] + excluded."statuses"[3], p."statuses"[4] + excluded."statuses"[4],
        p."statuses"[5] + excluded."statuses"[5]],
      "failures" = ARRAY[p."failures"[1] + excluded."failures"[1], p."failures"[2] + excluded."failures"[2],
        p."failures"[3] + excluded."failures"[3], p."failures"[4] + excluded."failures"[4],
        p."failures"[5] + excluded."failures"[5],
        -- Rows of before it was told apart have no sixth.
        COALESCE(p."failures"[6], 0) + COALESCE(excluded."failures"[6], 0)],
      "fallbacks" = p."fallbacks" + excluded."fallbacks",
      "breakerOpenings" = p."breakerOpenings" + excluded."breakerOpenings",
      "retries" = p."retries" + excluded."retries",
      "bytesIn" = p."bytesIn" + excluded."bytesIn",
      "bytesOut" = p."bytesOut" + excluded."bytesOut"
    RETURNING p."environmentId", p."resolution", p."mappingId", p."side", p."via", p."client", p."at", p."sketch",
      (p.xmax = 0) AS inserted`
  return rows
    .filter((row) => !row.inserted)
    .map(({ inserted: _inserted, ...row }) => ({ ...row, at: row.at.getTime() }))
}

/** Only for rows that `addCounts` locked in the same transaction. */
export async function saveSketches(db: Db, points: readonly PointSketch[]): Promise<void> {
  if (points.length === 0) return
  const rows = points.map((point) => ({ ...packedKey(point), sk: base64(point.sketch) }))
  await db.$executeRaw`
    UPDATE "SeriesPoint" AS p SET "sketch" = decode(r.sk, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r(e text, res int, m text, s text, v text, c text, at timestamptz, sk text)
    WHERE p."environmentId" = r.e AND p."resolution" = r.res AND p."mappingId" = r.m
      AND p."side" = r.s AND p."via" = r.v AND p."client" = r.c AND p."at" = r.at`
}

export interface PointQuery {
  readonly environmentId: string | null
  /** Null for every mapping and unmapped traffic. */
  readonly mappingId: string | null
  readonly resolution: number
  readonly via: Via
  /** Empty text for all clients together; null for each kind of client, but not all together. */
  readonly client: string | null
  /** Inclusive and exclusive, ms since the epoch. */
  readonly from: number
  readonly to: number
}

/** Points in order of time. */
export async function pointsBetween(db: Db, query: PointQuery): Promise<StoredPoint[]> {
  const rows = await db.seriesPoint.findMany({
    where: {
      resolution: query.resolution,
      via: query.via,
      at: { gte: new Date(query.from), lt: new Date(query.to) },
      client: query.client ?? { not: '' },
      ...(query.environmentId !== null && { environmentId: query.environmentId }),
      ...(query.mappingId !== null && { mappingId: query.mappingId }),
    },
    orderBy: { at: 'asc' },
  })
  return rows.map(pointOf)
}

/** What is compared: traffic that was divided by the share, of some mappings, in order of time. */
export async function splitPoints(
  db: Db,
  query: {
    readonly environmentId: string
    readonly mappingIds: readonly string[]
    readonly clients: readonly string[]
    readonly resolution: number
    readonly from: number
    readonly to: number
  },
): Promise<StoredPoint[]> {
  const rows = await db.seriesPoint.findMany({
    where: {
      environmentId: query.environmentId,
      mappingId: { in: [...query.mappingIds] },
      client: { in: [...query.clients] },
      resolution: query.resolution,
      via: 'split',
      at: { gte: new Date(query.from), lt: new Date(query.to) },
    },
    orderBy: { at: 'asc' },
  })
  return rows.map(pointOf)
}

function pointOf(row: Prisma.SeriesPointGetPayload<object>): StoredPoint {
  return {
    environmentId: row.environmentId,
    mappingId: row.mappingId,
    side: row.side as Side,
    via: row.via as Via,
    client: row.client,
    resolution: row.resolution,
    at: row.at.getTime(),
    tally: tallyOf(row),
    sketch: row.sketch,
  }
}

export async function environmentOfMapping(db: Db, mappingId: string): Promise<string | null> {
  const row = await db.mapping.findUnique({ where: { id: mappingId }, select: { environmentId: true } })
  return row?.environmentId ?? null
}

/** Removes points of one resolution that began before `before`; the answer is how many. */
export async function prunePoints(db: Db, resolution: number, before: Date): Promise<number> {
  const { count } = await db.seriesPoint.deleteMany({ where: { resolution, at: { lt: before } } })
  return count
}

type Row = Omit<PointSketch, 'at'> & { readonly at: Date }

function tallyOf(row: {
  readonly requests: bigint
  readonly statuses: readonly bigint[]
  readonly failures: readonly bigint[]
  readonly fallbacks: bigint
  readonly breakerOpenings: bigint
  readonly retries: bigint
  readonly bytesIn: bigint
  readonly bytesOut: bigint
}): Tally {
  const status = (index: number) => Number(row.statuses[index] ?? 0)
  const failure = (index: number) => Number(row.failures[index] ?? 0)
  return {
    requests: Number(row.requests),
    statuses: [status(0), status(1), status(2), status(3), status(4)],
    failures: {
      connect: failure(0),
      timeout: failure(1),
      reset: failure(2),
      protocol: failure(3),
      'client-closed': failure(4),
      tls: failure(5),
    },
    fallbacks: Number(row.fallbacks),
    breakerOpenings: Number(row.breakerOpenings),
    retries: Number(row.retries),
    bytesIn: Number(row.bytesIn),
    bytesOut: Number(row.bytesOut),
  }
}

function packed(point: StoredPoint) {
  const { tally } = point
  return {
    ...packedKey(point),
    n: tally.requests,
    st: tally.statuses,
    f: FAILURES.map((kind) => tally.failures[kind]),
    fb: tally.fallbacks,
    op: tally.breakerOpenings,
    rt: tally.retries,
    bi: tally.bytesIn,
    bo: tally.bytesOut,
    sk: base64(point.sketch),
  }
}

function packedKey(key: PointKey) {
  return {
    e: key.environmentId,
    res: key.resolution,
    m: key.mappingId,
    s: key.side,
    v: key.via,
    c: key.client,
    at: new Date(key.at).toISOString(),
  }
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('base64')
}
