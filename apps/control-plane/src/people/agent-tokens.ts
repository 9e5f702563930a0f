import { timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'
import { agentTokenParts, agentTokenSchema } from '@crossfade/contracts/agent-token'
import type {
  AgentTokenView,
  agentTokenCreatedSchema,
  agentTokenInputSchema,
} from '@crossfade/contracts/api/agents'
import { Problem } from '@crossfade/contracts/problems'
import { fingerprintOf, sha256Hex } from '@crossfade/runtime/seal'
import type { Author } from '../store/author.ts'
import {
  agentTokenById,
  agentTokensAfter,
  insertAgentToken,
  markAgentTokenUsed,
  revokeAgentToken,
  type AgentTokenRow,
} from '../store/people-tokens.ts'
import type { ListQuery, Page } from '../store/page.ts'
import { pageOfRows, type PeopleParts } from './parts.ts'
import { createMemory } from './remembered.ts'
import { randomHex } from './secret.ts'

type Created = z.infer<typeof agentTokenCreatedSchema>

/** Whom a token lets onto the link. */
export interface AgentIdentity {
  readonly tokenId: string
  readonly environmentId: string
  readonly name: string
}

/** Tokens for agents: good for one environment, and naming the key that signs its snapshots (rule 24). */
export interface AgentTokens {
  list(query: ListQuery): Promise<Page<AgentTokenView>>
  /** The token itself is in this answer and nowhere else. */
  create(author: Author, input: z.output<typeof agentTokenInputSchema>): Promise<Created>
  /** Its agents lose their links within seconds. */
  revoke(author: Author, id: string): Promise<void>
  find(token: string): Promise<AgentIdentity | null>
}

interface Known {
  readonly identity: AgentIdentity
  readonly secretHash: string
}

export function createAgentTokens({ store, clock, publicKey, ended }: PeopleParts): AgentTokens {
  const memory = createMemory<Known>(clock)
  const now = () => new Date(clock.now())

  const lookUp = async (id: string): Promise<Known | null> => {
    const row = await store.read((db) => agentTokenById(db, id))
    if (!row || row.revokedAt) return null
    const { environmentId, name, secretHash } = row
    return { identity: { tokenId: id, environmentId, name }, secretHash }
  }

  return {
    async list(query) {
      const rows = await store.read((db) => agentTokensAfter(db, query))
      return pageOfRows(rows, query.limit, view)
    },

    async create(author, { name, environmentId }) {
      const secret = randomHex()
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await insertAgentToken(tx.db, {
          environmentId,
          name,
          secretHash: sha256Hex(secret),
          createdBy: author.actor.name,
          createdAt: now(),
        })
        tx.record({ act: 'agent-token.create', object: objectOf(row), before: null, after: view(row) })
        return view(row)
      })
      return { ...value, token: `cfa_${value.id}_${secret}_${fingerprintOf(publicKey)}` }
    },

    async revoke(author, id) {
      const row = await store.read((db) => agentTokenById(db, id))
      if (!row || row.revokedAt) throw new Problem('not_found')
      await store.change(author, row.environmentId, async (tx) => {
        const after = await revokeAgentToken(tx.db, id, now())
        if (!after) throw new Problem('not_found')
        tx.record({
          act: 'agent-token.revoke',
          object: objectOf(row),
          before: view(row),
          after: view(after),
        })
      })
      memory.forget((_known, key) => key === id)
      ended({ kind: 'agent-token', id })
    },

    async find(token) {
      if (!agentTokenSchema.safeParse(token).success) return null
      const { id, secret } = agentTokenParts(token)
      const { value, remembered } = await memory.find(id, () => lookUp(id))
      if (!value || !equal(value.secretHash, sha256Hex(secret))) return null
      if (!remembered) await store.transaction((db) => markAgentTokenUsed(db, id, now()))
      return value.identity
    },
  }
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function view(row: AgentTokenRow): AgentTokenView {
  return {
    id: row.id,
    environmentId: row.environmentId,
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}

function objectOf(row: AgentTokenRow): { kind: 'agent-token'; id: string; name: string } {
  return { kind: 'agent-token', id: row.id, name: row.name }
}
