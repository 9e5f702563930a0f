/** Who may do what, once: checked on every route and shared with the screen, which explains disabled buttons. */
export const roles = ['viewer', 'operator', 'editor', 'admin'] as const
export type Role = (typeof roles)[number]

/** The least role for each permission; every higher role has it too. */
export const permissions = {
  read: 'viewer',
  'account.own': 'viewer',
  explain: 'viewer',
  'share.change': 'operator',
  rollback: 'operator',
  'emergency.clear': 'operator',
  'service.edit': 'editor',
  'mapping.edit': 'editor',
  'group.edit': 'editor',
  'segment.edit': 'editor',
  'environment.edit': 'admin',
  'agent.manage': 'admin',
  'user.manage': 'admin',
  'token.manage': 'admin',
} as const satisfies Record<string, Role>

export type Permission = keyof typeof permissions

export function can(role: Role, permission: Permission): boolean {
  return roles.indexOf(role) >= roles.indexOf(permissions[permission])
}

/** For a disabled button: "needs the editor role". */
export function neededRole(permission: Permission): Role {
  return permissions[permission]
}
