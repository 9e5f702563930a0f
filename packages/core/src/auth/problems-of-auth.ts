import { under, type FieldError } from '../field-error.ts'
import type { AddressPolicy } from '../address-policy.ts'
import { problemOfUrl } from '../configured-address.ts'
import type { Mapping } from '../model.ts'
import type { EnvironmentAuth, MappingCheck } from './auth.ts'

/** What keeps an environment's issuers, keys and own checks from being used. Paths begin inside `auth`. */
export function problemsOfEnvironmentAuth(auth: EnvironmentAuth, addresses: AddressPolicy): FieldError[] {
  return [
    ...twice(
      auth.issuers.map(({ name }) => name),
      (i) => `issuers.${i}.name`,
      'issuer with this name',
    ),
    ...twice(
      auth.apiKeys.map(({ id }) => id),
      (i) => `apiKeys.${i}.id`,
      'key with this id',
    ),
    ...twice(
      auth.apiKeys.map(({ name }) => name),
      (i) => `apiKeys.${i}.name`,
      'key with this name',
    ),
    ...twice(
      auth.apiKeys.map(({ digest }) => digest),
      (i) => `apiKeys.${i}.digest`,
      'key with this digest',
    ),
    // The same token would be two people's.
    ...twice(
      auth.issuers.map(({ issuer, from }) => JSON.stringify([issuer, from.kind, from.name])),
      (i) => `issuers.${i}.issuer`,
      'issuer with this address in the same place',
    ),
    ...problemsOfIssuers(auth, addresses),
    ...auth.issuers.flatMap(({ from }, i) =>
      from.kind === 'header' && from.name === auth.apiKeyHeader
        ? [{ path: `issuers.${i}.from.name`, message: 'API keys come in this header' }]
        : [],
    ),
    ...under('mapped', problemsOfCheck(auth.mapped, auth)),
    ...under('unmapped', problemsOfCheck(auth.unmapped, auth)),
  ]
}

/** Where keys cannot be fetched from. */
export function problemsOfIssuers(
  { issuers }: Pick<EnvironmentAuth, 'issuers'>,
  addresses: AddressPolicy,
): FieldError[] {
  return issuers.flatMap(({ jwksUrl }, i) => {
    const problem = problemOfUrl(jwksUrl, 'jwks', addresses)
    return problem === null ? [] : [{ path: `issuers.${i}.jwksUrl`, message: problem }]
  })
}

/** Checks of mappings that ask for issuers this environment does not know. */
export function problemsOfChecks(
  auth: EnvironmentAuth,
  mappings: readonly Pick<Mapping, 'id' | 'name' | 'policy'>[],
): (FieldError & { readonly id: string; readonly name: string })[] {
  return mappings.flatMap(({ id, name, policy }) =>
    under('policy.auth', problemsOfCheck(policy.auth, auth)).map((error) => ({ ...error, id, name })),
  )
}

/** What keeps one check from ever being passed here. */
export function problemsOfCheck(check: MappingCheck, { issuers }: EnvironmentAuth): FieldError[] {
  if (check === 'inherit' || check === 'none') return []
  const known = new Set(issuers.map(({ name }) => name))
  const named = check.issuers.flatMap((name, i) =>
    known.has(name)
      ? []
      : [{ path: `issuers.${i}`, message: `There is no issuer ${name} in this environment` }],
  )
  if (check.anyOf.includes('jwt') && known.size === 0) {
    return [
      ...named,
      { path: 'anyOf', message: 'This environment has no issuer whose tokens could be checked' },
    ]
  }
  if (check.anyOf.includes('jwt')) return named
  const useless = (path: 'issuers' | 'requiredClaims') =>
    check[path].length === 0
      ? []
      : [{ path, message: 'Only tokens have this; an API key says nothing about it' }]
  return [...named, ...useless('issuers'), ...useless('requiredClaims')]
}

function twice(values: readonly string[], path: (i: number) => string, noun: string): FieldError[] {
  return values.flatMap((value, i) =>
    values.indexOf(value) === i ? [] : [{ path: path(i), message: `There is another ${noun}` }],
  )
}
