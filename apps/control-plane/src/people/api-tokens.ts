import type { z } from 'zod'
import type {
  ApiTokenView,
  apiTokenCreatedSchema,
  apiTokenInputSchema,
} from '@crossfade/contracts/api/people'
import { Problem } from '@crossfade/contracts/problems'
import { sha256Hex } from '@crossfade/runtime/seal'
import { accessOf } from '../store/access.ts'
import type { Author, Granter } from '../store/author.ts'
import {
  apiTokenByHash,
  apiTokensAfter,
  liveApiTokens,
  insertApiToken,
  markApiTokenUsed,
  revokeApiToken,
  type ApiTokenRow,
} from '../store/people-tokens.ts'
import type { Page, PageQuery } from '../store/page.ts'
import { refuseGrantingMore, refuseUnknownEnvironments } from './grants.ts'
import { pageOfRows, type PeopleParts } from './parts.ts'
import type { Principal } from './principal.ts'
import { createMemory } from './remembered.ts'
import { randomSecret } from './secret.ts'

type Created = z.infer<typeof apiTokenCreatedSchema>

/** Tokens for programs: `cfp_` and 256 random bits, of which only the hash is kept. */
export interface ApiTokens {
  list(query: PageQuery): Promise<Page<ApiTokenView>>
  /** The token itself is in this answer and nowhere else; it may do no more than its maker. */
  create(author: Granter, input: z.output<typeof apiTokenInputSchema>): Promise<Created>
  revoke(author: Author, id: string): Promise<void>
  find(token: string): Promise<Principal | null>
  /** Which of these, by id, would still let a program in. */
  stillLive(ids: readonly string[]): Promise<ReadonlySet<string>>
}

export const apiTokenPrefix = 'cfp_'
const shownCharacters = 12
const usedEveryMs = 60_000

interface Known {
  readonly principal: Principal
  readonly expiresAt: Date | null
}

export function createApiTokens({ store, clock, ended }: PeopleParts): ApiTokens {
  const memory = createMemory<Known>(clock)
  const now = () => new Date(clock.now())

  const lookUp = async (hash: string): Promise<Known | null> => {
    const row = await store.read((db) => apiTokenByHash(db, hash))
    if (!row || row.revokedAt) return null
    if (clock.now() - (row.lastUsedAt?.getTime() ?? 0) >= usedEveryMs) {
      await store.transaction((db) => markApiTokenUsed(db, row.id, now()))
    }
    return { principal: principalOf(row), expiresAt: row.expiresAt }
  }

  return {
    async list({ cursor, limit }) {
      return pageOfRows(await store.read((db) => apiTokensAfter(db, cursor, limit + 1)), limit, view)
    },

    async create(author, { name, access, expiresAt }) {
      const token = `${apiTokenPrefix}${randomSecret()}`
      refuseGrantingMore(author, access)
      const { value } = await store.change(author, null, async (tx) => {
        await refuseUnknownEnvironments(tx.db, access)
        const row = await insertApiToken(tx.db, {
          name,
          access,
          prefix: token.slice(0, shownCharacters),
          tokenHash: sha256Hex(token),
          createdBy: author.actor.name,
          createdAt: now(),
          expiresAt: expiresAt === null ? null : new Date(expiresAt),
        })
        tx.record({ act: 'token.create', object: objectOf(row), before: null, after: view(row) })
        return view(row)
      })
      return { ...value, token }
    },

    async revoke(author, id) {
      await store.change(author, null, async (tx) => {
        const row = await revokeApiToken(tx.db, id, now())
        if (!row) throw new Problem('not_found')
        const before = view({ ...row, revokedAt: null })
        tx.record({ act: 'token.revoke', object: objectOf(row), before, after: view(row) })
      })
      memory.forget((known) => known.principal.id === id)
      ended({ kind: 'token', id })
    },

    async stillLive(ids) {
      return new Set(await store.read((db) => liveApiTokens(db, ids, now())))
    },

    async find(token) {
      const hash = sha256Hex(token)
      const { value, remembered } = await memory.find(hash, () => lookUp(hash))
      if (!value || (value.expiresAt !== null && value.expiresAt.getTime() <= clock.now())) return null
      return { ...value.principal, remembered }
    },
  }
}

function principalOf(row: ApiTokenRow): Principal {
  return {
    kind: 'token',
    id: row.id,
    name: row.name,
    email: null,
    access: accessOf(row),
    sessionId: null,
    remembered: false,
  }
}

function view(row: ApiTokenRow): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    access: accessOf(row),
    prefix: row.prefix,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}

function objectOf(row: ApiTokenRow): { kind: 'token'; id: string; name: string } {
  return { kind: 'token', id: row.id, name: row.name }
}
