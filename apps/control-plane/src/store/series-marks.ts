import type { Db } from './store.ts'

/** The last batch counted of one boot of one agent. */
export interface Mark {
  readonly agentId: string
  readonly boot: string
  readonly seq: number
  /** Everything the agent did before this is counted; null where no batch said. Ms since the epoch. */
  readonly through?: number | null
  /** The newest second in which it had traffic. */
  readonly trafficAt?: number | null
}

/** Locks the marks of these boots and says where they stand; 0 for one never heard of. */
export async function lockMarks(
  db: Db,
  boots: readonly { readonly agentId: string; readonly boot: string }[],
): Promise<Mark[]> {
  const rows = JSON.stringify(boots.map(({ agentId, boot }) => ({ a: agentId, b: boot })))
  await db.$executeRaw`
    INSERT INTO "StatsMark" ("agentId", "boot", "seq")
    SELECT r.a, r.b, 0 FROM jsonb_to_recordset(${rows}::jsonb) AS r(a text, b text) ORDER BY 1, 2
    ON CONFLICT ("agentId", "boot") DO NOTHING`
  return db.$queryRaw<Mark[]>`
    SELECT m."agentId", m."boot", m."seq" FROM "StatsMark" AS m
    JOIN jsonb_to_recordset(${rows}::jsonb) AS r(a text, b text) ON m."agentId" = r.a AND m."boot" = r.b
    ORDER BY 1, 2 FOR UPDATE OF m`
}

export async function saveMarks(db: Db, marks: readonly Mark[], at: Date): Promise<void> {
  if (marks.length === 0) return
  const time = (ms: number | null = null) => (ms === null ? null : new Date(ms).toISOString())
  const rows = JSON.stringify(
    marks.map(({ agentId, boot, seq, through, trafficAt }) => ({
      a: agentId,
      b: boot,
      q: seq,
      th: time(through),
      tr: time(trafficAt),
    })),
  )
  await db.$executeRaw`
    UPDATE "StatsMark" AS m SET "seq" = r.q, "updatedAt" = ${at},
      "through" = GREATEST(m."through", r.th), "trafficAt" = GREATEST(m."trafficAt", r.tr)
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(a text, b text, q int, th timestamptz, tr timestamptz)
    WHERE m."agentId" = r.a AND m."boot" = r.b`
}

export async function pruneMarks(db: Db, before: Date): Promise<number> {
  const { count } = await db.statsMark.deleteMany({ where: { updatedAt: { lt: before } } })
  return count
}

/** How far the reports of agents have come that had traffic since then, by environment. */
export async function reportedSince(
  db: Db,
  trafficSince: Date,
): Promise<
  readonly {
    readonly environmentId: string
    readonly agentId: string
    readonly name: string
    readonly through: Date
    readonly trafficAt: Date
  }[]
> {
  return await db.$queryRaw`
    SELECT a."environmentId", m."agentId", a."name", max(m."through") AS "through", max(m."trafficAt") AS "trafficAt"
    FROM "StatsMark" AS m JOIN "Agent" AS a ON a."id" = m."agentId"
    WHERE m."updatedAt" >= ${trafficSince} AND m."through" IS NOT NULL AND a."retiredAt" IS NULL
    GROUP BY a."environmentId", m."agentId", a."name" HAVING max(m."trafficAt") >= ${trafficSince}`
}
