import { timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import type {
  AgentTokenView,
  agentTokenCreatedSchema,
  agentTokenInputSchema,
} from '@crossfade/contracts/api/agents'
import { Problem } from '@crossfade/contracts/problems'
import type { KeyChain } from '@crossfade/contracts/snapshot'
import { fingerprintOf, sha256Hex } from '@crossfade/runtime/seal'
import { revokeCredentials } from '../store/agent-credentials.ts'
import {
  agentTokenById,
  agentTokensAfter,
  insertAgentToken,
  revokeAgentToken,
  type AgentTokenRow,
} from '../store/agent-tokens.ts'
import type { Author } from '../store/author.ts'
import { markAgentsRevoked } from '../store/fleet.ts'
import type { ListQuery, Page } from '../store/page.ts'
import { pageOfRows, type PeopleParts } from './parts.ts'
import { randomHex } from './secret.ts'

type Input = z.output<typeof agentTokenInputSchema>
type Created = z.infer<typeof agentTokenCreatedSchema>

/** Tokens that let agents join: good for one environment, and naming the key that signs its snapshots (rule 24). */
export interface AgentTokens {
  list(query: ListQuery): Promise<Page<AgentTokenView>>
  /** The token itself is in this answer and nowhere else. */
  create(author: Author, input: Input): Promise<Created>
  /** Agents that joined with it are revoked, and lose their links within seconds. */
  revoke(author: Author, id: string): Promise<void>
  /** Throws `join_refused` unless id and secret belong together; whether it may still be used is not asked here. */
  find(token: string): Promise<AgentTokenRow>
}

const longestOnceMs = 24 * 3_600_000

export function createAgentTokens({ store, clock, keys, ended }: PeopleParts): AgentTokens {
  const now = () => new Date(clock.now())

  return {
    async list(query) {
      const rows = await store.read((db) => agentTokensAfter(db, query))
      return pageOfRows(rows, query.limit, view)
    },

    async create(author, input) {
      const { name, environmentId, uses } = input
      const expiresAt = expiryOf(input, clock.now())
      const secret = randomHex()
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await insertAgentToken(tx.db, {
          environmentId,
          name,
          uses,
          secretHash: sha256Hex(secret),
          createdBy: author.actor.name,
          createdAt: now(),
          expiresAt,
        })
        tx.record({ act: 'agent-token.create', object: objectOf(row), before: null, after: view(row) })
        return view(row)
      })
      return { ...value, token: `cfa_${value.id}_${secret}_${fingerprintOf(newest(keys))}` }
    },

    async revoke(author, id) {
      const row = await store.read((db) => agentTokenById(db, id))
      if (!row || row.revokedAt) throw new Problem('not_found')
      await store.change(author, row.environmentId, async (tx) => {
        const after = await revokeAgentToken(tx.db, id, now())
        if (!after) throw new Problem('not_found')
        const agents = await markAgentsRevoked(tx.db, { tokenId: id }, now())
        await revokeCredentials(tx.db, { tokenId: id }, now())
        tx.record({
          act: 'agent-token.revoke',
          object: objectOf(row),
          before: view(row),
          after: { ...view(after), agentsRevoked: agents },
        })
      })
      ended({ kind: 'agent-token', id })
    },

    async find(token) {
      const { id, secret } = agentTokenParts(token)
      const row = await store.read((db) => agentTokenById(db, id))
      if (row && equal(row.secretHash, sha256Hex(secret))) return row
      throw new Problem('join_refused', { detail: 'This is not a token of this control plane' })
    },
  }
}

/** Throws `invalid_input` for a time that has passed, or is further away than one use may take. */
function expiryOf({ uses, expiresAt }: Input, now: number): Date | null {
  const asked = expiresAt === null ? null : Date.parse(expiresAt)
  const refuse = (message: string) =>
    new Problem('invalid_input', { errors: [{ path: 'expiresAt', message }] })
  if (asked !== null && asked <= now) throw refuse('Give a time in the future')
  if (uses === 'many') return asked === null ? null : new Date(asked)
  if (asked !== null && asked > now + longestOnceMs) {
    throw refuse('A token for one agent lives for 24 hours at most')
  }
  return new Date(asked ?? now + longestOnceMs)
}

function newest(keys: KeyChain): string {
  const last = keys.at(-1)
  if (last === undefined) throw new TypeError('A control plane has a signing key')
  return last.publicKey
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function view(row: AgentTokenRow): AgentTokenView {
  return {
    id: row.id,
    environmentId: row.environmentId,
    name: row.name,
    uses: row.uses === 'once' ? 'once' : 'many',
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    usedAt: row.usedAt?.toISOString() ?? null,
    usedBy: row.usedBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}

function objectOf(row: AgentTokenRow): { kind: 'agent-token'; id: string; name: string } {
  return { kind: 'agent-token', id: row.id, name: row.name }
}
