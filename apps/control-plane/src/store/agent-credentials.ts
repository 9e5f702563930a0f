import type { Agent, AgentCredential } from './generated/client.ts'
import type { Db } from './store.ts'

export type CredentialRow = AgentCredential
export type CredentialWithAgent = AgentCredential & { readonly agent: Agent }

export function credentialById(db: Db, id: string): Promise<CredentialWithAgent | null> {
  return db.agentCredential.findUnique({ where: { id }, include: { agent: true } })
}

export function credentialByKey(db: Db, publicKey: string): Promise<CredentialWithAgent | null> {
  return db.agentCredential.findUnique({ where: { publicKey }, include: { agent: true } })
}

export function insertCredential(
  db: Db,
  credential: Pick<CredentialRow, 'agentId' | 'tokenId' | 'publicKey' | 'issuedAt' | 'expiresAt'>,
): Promise<CredentialRow> {
  return db.agentCredential.create({ data: credential })
}

/** One that was issued and never used stands for an answer that got lost; a newer one takes its place. */
export async function dropUnused(db: Db, agentId: string): Promise<void> {
  await db.agentCredential.deleteMany({ where: { agentId, firstUsedAt: null } })
}

export async function revokeCredentials(
  db: Db,
  which: { readonly agentId: string } | { readonly tokenId: string },
  at: Date,
): Promise<void> {
  await db.agentCredential.updateMany({ where: { ...which, revokedAt: null }, data: { revokedAt: at } })
}

/** Notes that an assertion was used; false when it was before. */
export async function spendAssertion(db: Db, id: string, expiresAt: Date): Promise<boolean> {
  const { count } = await db.agentAssertion.createMany({ data: { id, expiresAt }, skipDuplicates: true })
  return count === 1
}

export async function pruneAssertions(db: Db, now: Date): Promise<void> {
  await db.agentAssertion.deleteMany({ where: { expiresAt: { lt: now } } })
}

/** From its first use on, a credential takes over from those issued before it. */
export async function markCredentialUsed(db: Db, credential: CredentialRow, at: Date): Promise<void> {
  const { id, agentId, tokenId, issuedAt } = credential
  await db.agentToken.updateMany({ where: { id: tokenId }, data: { lastUsedAt: at } })
  if (credential.firstUsedAt !== null) return
  const { count } = await db.agentCredential.updateMany({
    where: { id, firstUsedAt: null },
    data: { firstUsedAt: at },
  })
  if (count === 0) return
  await db.agentCredential.updateMany({
    where: { agentId, id: { not: id }, issuedAt: { lte: issuedAt }, supersededAt: null },
    data: { supersededAt: at },
  })
}
