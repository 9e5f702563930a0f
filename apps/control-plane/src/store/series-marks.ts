import type { Db } from './store.ts'

/** The last batch counted of one boot of one agent. */
export interface Mark {
  readonly agentId: string
  readonly boot: string
  readonly seq: number
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
  const rows = JSON.stringify(marks.map(({ agentId, boot, seq }) => ({ a: agentId, b: boot, q: seq })))
  await db.$executeRaw`
    UPDATE "StatsMark" AS m SET "seq" = r.q, "updatedAt" = ${at}
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(a text, b text, q int)
    WHERE m."agentId" = r.a AND m."boot" = r.b`
}

export async function pruneMarks(db: Db, before: Date): Promise<number> {
  const { count } = await db.statsMark.deleteMany({ where: { updatedAt: { lt: before } } })
  return count
}
