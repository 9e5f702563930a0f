/** Who may do what, once: checked on every route and shared with the screen, which explains disabled buttons. */
export const roles = ['viewer', 'operator', 'editor', 'admin'] as const
export type Role = (typeof roles)[number]

/**
 * What somebody may do: a role everywhere (null for none) and roles in single environments. In an environment the
 * higher of the two is in force.
 */
export interface Access {
  readonly everywhere: Role | null
  readonly environments: { readonly environmentId: string; readonly role: Role }[]
}

/** Where a permission is asked for: in one environment, for the whole installation, or about oneself. */
export type Scope = 'environment' | 'installation' | 'self'

/** The least role for each permission, which every higher role has too, and what the permission is of. */
export const permissions = {
  read: { role: 'viewer', of: 'environment' },
  explain: { role: 'viewer', of: 'environment' },
  'share.change': { role: 'operator', of: 'environment' },
  rollback: { role: 'operator', of: 'environment' },
  /** Starting, pausing, advancing, ticking: everything but writing the plan. */
  'ramp.run': { role: 'operator', of: 'environment' },
  /** Stopping the line, and letting it run again. */
  'line.stop': { role: 'operator', of: 'environment' },
  /** Asking takes the permission of what is asked for as well. */
  'approval.request': { role: 'operator', of: 'environment' },
  /** Voting, and applying what was agreed on. */
  'approval.decide': { role: 'operator', of: 'environment' },
  'schedule.edit': { role: 'operator', of: 'environment' },
  'emergency.clear': { role: 'operator', of: 'environment' },
  'service.edit': { role: 'editor', of: 'environment' },
  'mapping.edit': { role: 'editor', of: 'environment' },
  'group.edit': { role: 'editor', of: 'environment' },
  'ramp.edit': { role: 'editor', of: 'environment' },
  'segment.edit': { role: 'editor', of: 'environment' },
  /** Asking for a point of no return, or for a roll back after it. */
  'point-of-no-return.request': { role: 'editor', of: 'environment' },
  'freeze.edit': { role: 'admin', of: 'environment' },
  'environment.edit': { role: 'admin', of: 'environment' },
  'agent.manage': { role: 'admin', of: 'environment' },
  'webhook.manage': { role: 'admin', of: 'environment' },
  /** Making, renaming and deleting environments: their names are the whole installation's. */
  'environment.manage': { role: 'admin', of: 'installation' },
  /** The chain runs through the changes of all environments. */
  'audit.verify': { role: 'viewer', of: 'installation' },
  'user.manage': { role: 'admin', of: 'installation' },
  'token.manage': { role: 'admin', of: 'installation' },
  'account.own': { role: 'viewer', of: 'self' },
} as const satisfies Record<string, { readonly role: Role; readonly of: Scope }>

export type Permission = keyof typeof permissions
type Of<S extends Scope> = {
  [P in Permission]: (typeof permissions)[P]['of'] extends S ? P : never
}[Permission]
export type EnvironmentPermission = Of<'environment'>

/** The role in force in an environment, or everywhere for null; null for none. */
export function roleIn(access: Access, environmentId: string | null): Role | null {
  const here = access.environments.find((one) => one.environmentId === environmentId)?.role ?? null
  return higher(access.everywhere, here)
}

/** For permissions of the installation and about oneself the environment does not matter. */
export function can(access: Access, permission: Permission, environmentId: string | null): boolean {
  const { role, of } = permissions[permission]
  if (of === 'self') return true
  const mine = roleIn(access, of === 'environment' ? environmentId : null)
  return mine !== null && isAtLeast(mine, role)
}

/** The environments somebody may do it in: ids, or `all`, which includes those that do not exist yet. */
export function environmentsFor(
  access: Access,
  permission: EnvironmentPermission,
): 'all' | readonly string[] {
  if (can(access, permission, null)) return 'all'
  const ids = access.environments.map((one) => one.environmentId)
  return ids.filter((id) => can(access, permission, id))
}

/** For a disabled button: "needs the editor role". */
export function neededRole(permission: Permission): Role {
  return permissions[permission].role
}

/** Whether whoever has `mine` may give `given`: nobody grants more than they have. */
export function covers(mine: Access, given: Access): boolean {
  const within = (role: Role, environmentId: string | null) => {
    const own = roleIn(mine, environmentId)
    return own !== null && isAtLeast(own, role)
  }
  return (
    (given.everywhere === null || within(given.everywhere, null)) &&
    given.environments.every(({ role, environmentId }) => within(role, environmentId))
  )
}

/** The same role in every environment and for the installation. */
export function everywhere(role: Role): Access {
  return { everywhere: role, environments: [] }
}

function isAtLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least)
}

function higher(a: Role | null, b: Role | null): Role | null {
  if (a === null || b === null) return a ?? b
  return isAtLeast(a, b) ? a : b
}
