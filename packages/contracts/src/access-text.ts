import type { Access } from './roles.ts'

/** `operator everywhere, admin in staging`; ids stand for environments without a known name. */
export function accessText(access: Access, nameOf: (environmentId: string) => string = (id) => id): string {
  const parts = [
    ...(access.everywhere === null ? [] : [`${access.everywhere} everywhere`]),
    ...access.environments.map(({ environmentId, role }) => `${role} in ${nameOf(environmentId)}`),
  ]
  return parts.length === 0 ? 'no rights' : parts.join(', ')
}
