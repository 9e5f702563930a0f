import { roles, type Role } from '@crossfade/contracts/roles'

/** What a role may do, for the one who chooses it. */
export const roleWords: Readonly<Record<Role, string>> = {
  viewer: 'sees everything, changes nothing',
  operator: 'moves shares and rolls back',
  editor: 'like operator, and edits mappings, services, segments',
  admin: 'everything, also people, tokens, agents, environments',
}

export const roleOptions = roles.map((role) => ({ value: role, label: `${role}: ${roleWords[role]}` }))

export function roleOf(text: string): Role {
  return roles.find((role) => role === text) ?? 'viewer'
}
