import type { UserView } from '@crossfade/contracts/api/people'
import { accessOf } from '../store/access.ts'
import type { UserRow } from '../store/people-users.ts'
import type { Principal } from './principal.ts'

/** What people may see of a person, and what the audit trail keeps: never the password's hash. */
export function userView(row: UserRow): UserView {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    access: accessOf(row),
    state: stateOf(row),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  }
}

export function isActiveAdministrator(row: UserRow): boolean {
  return row.role === 'admin' && stateOf(row) === 'active'
}

export function userObject(row: UserRow): { kind: 'user'; id: string; name: string } {
  return { kind: 'user', id: row.id, name: row.email }
}

export function principalOfUser(row: UserRow): Principal {
  return {
    kind: 'user',
    id: row.id,
    name: row.name,
    email: row.email,
    access: accessOf(row),
    sessionId: null,
    remembered: false,
  }
}

function stateOf(row: UserRow): UserView['state'] {
  if (row.disabled) return 'disabled'
  return row.passwordHash === null ? 'invited' : 'active'
}
