import type { PathSample } from '@crossfade/contracts/stats'
import type { Db } from './store.ts'

/** How often a path was asked for in one hour. */
export interface PathRow extends Omit<PathSample, 'mappingId'> {
  readonly environmentId: string
  /** Empty text for unmapped and refused paths. */
  readonly mappingId: string
  /** Start and last report, ms since the epoch. */
  readonly hour: number
  readonly lastSeenAt: number
}

/** Rows kept of one environment, kind and hour, over all its mappings: whatever clients ask for, the table stays small. */
const rowsKept = 400

/**
 * Adds to what is known of these paths and forgets the rarest beyond a bound. Writers of one environment wait
 * for each other: forgetting touches rows in no order that would keep two of them apart.
 */
export async function addPaths(db: Db, rows: readonly PathRow[]): Promise<void> {
  if (rows.length === 0) return
  const environments = [...new Set(rows.map(({ environmentId }) => environmentId))].toSorted()
  for (const id of environments) {
    await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`paths ${id}`}, 0))`
  }
  await db.$executeRaw`
    INSERT INTO "PathCount" AS p ("environmentId", "mappingId", "kind", "method", "path", "hour", "requests",
      "errors", "sample", "lastSeenAt")
    SELECT r.e, r.m, r.k, r.me, r.p, r.h, r.n, r.er, r.s, r.l
    FROM jsonb_to_recordset(${JSON.stringify(rows.map(packed))}::jsonb) AS r(e text, m text, k text, me text,
      p text, h timestamptz, n bigint, er bigint, s text, l timestamptz)
    ON CONFLICT ("environmentId", "mappingId", "kind", "hour", "method", "path") DO UPDATE SET
      "requests" = p."requests" + excluded."requests",
      "errors" = p."errors" + excluded."errors",
      "sample" = coalesce(excluded."sample", p."sample"),
      "lastSeenAt" = greatest(p."lastSeenAt", excluded."lastSeenAt")`
  const hours = [...new Set(rows.map(({ hour }) => hour))].map((hour) => new Date(hour))
  await db.$executeRaw`
    DELETE FROM "PathCount" AS p USING (
      SELECT *, row_number() OVER (PARTITION BY "environmentId", "kind", "hour", "mappingId" = ''
        ORDER BY "requests" DESC, "lastSeenAt" DESC) AS place
      FROM "PathCount" WHERE "environmentId" = ANY(${environments}) AND "hour" = ANY(${hours})
    ) AS r
    WHERE r.place > ${rowsKept} AND p."environmentId" = r."environmentId" AND p."mappingId" = r."mappingId"
      AND p."kind" = r."kind" AND p."hour" = r."hour" AND p."method" = r."method" AND p."path" = r."path"`
}

export interface PathSum {
  readonly method: string
  readonly path: string
  readonly requests: number
  readonly errors: number
  readonly sample: string | null
  readonly lastSeenAt: Date
}

/** The busiest paths since an hour, summed over it and the hours after. */
export async function busiestPaths(
  db: Db,
  query: {
    readonly environmentId: string
    readonly mappingId: string
    readonly kind: PathSample['kind']
    readonly since: Date
    readonly limit: number
  },
): Promise<PathSum[]> {
  const { environmentId, mappingId, kind, since, limit } = query
  const rows = await db.$queryRaw<(Omit<PathSum, 'requests' | 'errors'> & Sums)[]>`
    SELECT "method", "path", sum("requests")::bigint AS requests, sum("errors")::bigint AS errors,
      max("sample") AS sample, max("lastSeenAt") AS "lastSeenAt"
    FROM "PathCount"
    WHERE "environmentId" = ${environmentId} AND "mappingId" = ${mappingId} AND "kind" = ${kind}
      AND "hour" >= ${since}
    GROUP BY "method", "path" ORDER BY 3 DESC, 2, 1 LIMIT ${limit}`
  return rows.map((row) => ({ ...row, requests: Number(row.requests), errors: Number(row.errors) }))
}

interface Sums {
  readonly requests: bigint
  readonly errors: bigint
}

export async function prunePaths(db: Db, before: Date): Promise<number> {
  const { count } = await db.pathCount.deleteMany({ where: { hour: { lt: before } } })
  return count
}

function packed(row: PathRow) {
  return {
    e: row.environmentId,
    m: row.mappingId,
    k: row.kind,
    me: row.method,
    p: row.path,
    h: new Date(row.hour).toISOString(),
    n: row.requests,
    er: row.errors,
    s: row.sample,
    l: new Date(row.lastSeenAt).toISOString(),
  }
}
