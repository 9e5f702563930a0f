import type { z } from 'zod'
import type { sessionViewSchema } from '@crossfade/contracts/api/people'
import { Problem } from '@crossfade/contracts/problems'
import { sha256Hex } from '@crossfade/runtime/seal'
import { accessOf } from '../store/access.ts'
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOf,
  markSessionSeen,
  openSessions,
  putSession,
  sessionById,
  sessionsOf,
  type SessionRow,
} from '../store/people-sessions.ts'
import { markUserSeen } from '../store/people-users.ts'
import type { PeopleParts } from './parts.ts'
import type { Principal } from './principal.ts'
import { createMemory } from './remembered.ts'

type SessionView = z.infer<typeof sessionViewSchema>

/** Sign-in sessions. Outside this file a session is its secret id (from the cookie) or the hash of that. */
export interface Sessions {
  find(secretId: string): Promise<{ readonly principal: Principal; readonly expiresAt: Date } | null>
  /** Which of these, by hash, would still let somebody in. Asking does not count as use. */
  stillOpen(ids: readonly string[]): Promise<ReadonlySet<string>>
  save(secretId: string, userId: string, userAgent: string): Promise<void>
  end(secretId: string): Promise<void>
  list(userId: string, current: string | null): Promise<SessionView[]>
  /** One session by hash; `not_found` when it is somebody else's. */
  endOne(userId: string, id: string): Promise<void>
  /** Sign out everywhere, but for `except`. */
  endAll(userId: string, except: string | null): Promise<void>
  /** Something about a person changed: ask the database again. */
  forgetUser(userId: string): void
  /** All of a person's sessions are gone from the database: close what rests on them. */
  userEnded(userId: string): void
  prune(): Promise<void>
}

/** A session ends this long after sign-in, in ms, and earlier when nobody asked anything for `sessionIdleMs`. */
export const sessionLifeMs = 7 * 24 * 3_600_000
const sessionIdleMs = 24 * 3_600_000
const seenEveryMs = 60_000

interface Known {
  readonly principal: Principal
  readonly expiresAt: Date
}

export function createSessions(parts: PeopleParts): Sessions {
  const { store, clock, ended } = parts
  const memory = createMemory<Known>(clock)
  const now = () => new Date(clock.now())
  const idleSince = () => new Date(clock.now() - sessionIdleMs)

  const lookUp = async (id: string): Promise<Known | null> => {
    const row = await store.read((db) => sessionById(db, id))
    const known = row && knownOf(row)
    if (!row || !known || row.lastSeenAt <= idleSince()) return null
    if (clock.now() - row.lastSeenAt.getTime() >= seenEveryMs) {
      await store.transaction(async (db) => {
        await markSessionSeen(db, id, now())
        await markUserSeen(db, known.principal.id, now())
      })
    }
    return known
  }
  const forget = (ids: readonly string[]) => {
    memory.forget((_known, key) => ids.includes(key))
    for (const id of ids) ended({ kind: 'session', id })
  }

  const forgetUser = (userId: string) => memory.forget((known) => known.principal.id === userId)

  return {
    async find(secretId) {
      const id = sha256Hex(secretId)
      const { value, remembered } = await memory.find(id, () => lookUp(id))
      if (!value || value.expiresAt.getTime() <= clock.now()) return null
      return { ...value, principal: { ...value.principal, remembered } }
    },
    async stillOpen(ids) {
      return new Set(await store.read((db) => openSessions(db, ids, now(), idleSince())))
    },
    async save(secretId, userId, userAgent) {
      const expiresAt = new Date(clock.now() + sessionLifeMs)
      const session = { id: sha256Hex(secretId), userId, userAgent, now: now(), expiresAt }
      await store.transaction((db) => putSession(db, session))
    },
    async end(secretId) {
      const id = sha256Hex(secretId)
      await store.transaction((db) => deleteSession(db, id))
      forget([id])
    },
    async list(userId, current) {
      const rows = await store.read((db) => sessionsOf(db, userId, now(), idleSince()))
      return rows.map((row) => ({
        id: row.id,
        createdAt: row.createdAt.toISOString(),
        lastSeenAt: row.lastSeenAt.toISOString(),
        userAgent: row.userAgent,
        current: row.id === current,
      }))
    },
    async endOne(userId, id) {
      const ids = await store.transaction((db) => deleteSessionsOf(db, userId, { only: id }))
      if (ids.length === 0) throw new Problem('not_found')
      forget(ids)
    },
    async endAll(userId, except) {
      forget(await store.transaction((db) => deleteSessionsOf(db, userId, { except })))
    },
    forgetUser,
    userEnded(userId) {
      forgetUser(userId)
      ended({ kind: 'user', id: userId })
    },
    prune: () => store.transaction((db) => deleteExpiredSessions(db, now(), idleSince())),
  }
}

function knownOf(row: SessionRow): Known | null {
  const { user } = row
  if (!user || user.disabled || user.passwordHash === null) return null
  return {
    expiresAt: row.expiresAt,
    principal: {
      kind: 'user',
      id: user.id,
      name: user.name,
      email: user.email,
      access: accessOf(user),
      sessionId: row.id,
      remembered: false,
    },
  }
}
