import { Problem } from '@crossfade/contracts/problems'
import { neededRole, permissions, type Permission, type Role } from '@crossfade/contracts/roles'

/** Names the role that is needed and where; `environment` is null for the whole installation. */
export function forbidden(
  permission: Permission,
  environment: { readonly id: string; readonly name: string; readonly yours: Role | null } | null,
): Problem {
  const role = neededRole(permission)
  const ofInstallation = permissions[permission].of === 'installation'
  const where = ofInstallation ? ' everywhere' : environment ? ` in ${environment.name}` : ''
  const yours = !ofInstallation && environment?.yours ? `; yours there is ${environment.yours}` : ''
  return new Problem('forbidden', {
    detail: `This needs the ${role} role${where}${yours}`,
    extra: { neededRole: role, environmentId: ofInstallation ? null : (environment?.id ?? null) },
  })
}
