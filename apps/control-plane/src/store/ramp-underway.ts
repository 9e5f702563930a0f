import type { Db } from './store.ts'

/** The ramp that moves this share at the moment, or would if it were not paused; null for none. */
export async function underwayRampOf(db: Db, kind: string, id: string): Promise<string | null> {
  if (kind !== 'mapping' && kind !== 'group') return null
  const target = kind === 'mapping' ? { mappingId: id } : { groupId: id }
  const where = { ...target, status: { in: ['running', 'paused', 'stepping-back'] } }
  return (await db.ramp.findFirst({ where, select: { id: true } }))?.id ?? null
}
