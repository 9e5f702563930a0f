import { BLOTTED, isSecretName } from '@crossfade/core/secrets'
import type { Author, ChangeDraft } from './author.ts'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { Prisma } from './generated/client.ts'

/** What an audit row got when it was written. */
export interface RecordedChange {
  readonly seq: number
  readonly at: string
}

/** The audit rows of one transaction. `at` is ms since the epoch. */
export async function insertChanges(
  db: Prisma.TransactionClient,
  parts: {
    readonly author: Author
    readonly environmentId: string | null
    readonly drafts: readonly ChangeDraft[]
    readonly revision: number | null
    readonly at: number
  },
): Promise<RecordedChange[]> {
  const { author, environmentId, drafts, revision } = parts
  if (drafts.length === 0) return []
  const rows = await db.change.createManyAndReturn({
    select: { seq: true, at: true },
    data: drafts.map((draft) => ({
      at: new Date(parts.at),
      environmentId,
      actorKind: author.actor.kind,
      actorId: author.actor.id,
      actorName: author.actor.name,
      act: draft.act,
      objectKind: draft.object.kind,
      objectId: draft.object.id,
      objectName: draft.object.name,
      alsoTouches: [...(draft.alsoTouches ?? [])],
      ...(present(draft.before) && { before: redact(draft.before) }),
      ...(present(draft.after) && { after: redact(draft.after) }),
      reason: draft.reason ?? null,
      source: author.source,
      requestId: author.requestId,
      revision,
    })),
  })
  return rows.map((row) => ({ seq: Number(row.seq), at: row.at.toISOString() }))
}

const present = (value: unknown) => value !== null && value !== undefined

/** Settings whose values are names: of the cookie that forces a side. */
const namesOnly = 'forcedSide'

/** JSON with the values of secret-sounding names blotted out, at any depth. */
export function redact(value: unknown): Prisma.InputJsonValue {
  const plain: unknown = parseJson(JSON.stringify(value))
  return blotted(plain, '') as Prisma.InputJsonValue
}

function blotted(value: unknown, name: string): unknown {
  if (typeof value === 'string') return value !== '' && isSecretName(name) ? BLOTTED : value
  if (Array.isArray(value)) return value.map((item: unknown) => blotted(item, ''))
  if (typeof value !== 'object' || value === null || name === namesOnly) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blotted(inner, key)]))
}
