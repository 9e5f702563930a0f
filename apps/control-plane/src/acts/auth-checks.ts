import type { FieldError } from '@crossfade/contracts/problems'
import { Problem } from '@crossfade/contracts/problems'
import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { EnvironmentAuth, MappingCheck } from '@crossfade/core/auth/auth'
import {
  problemsOfCheck,
  problemsOfChecks,
  problemsOfEnvironmentAuth,
} from '@crossfade/core/auth/problems-of-auth'
import type { Mapping } from '@crossfade/core/model'
import { refuseIf } from './refusals.ts'

/** Refuses issuers and checks that cannot work, also because a mapping asks for an issuer that would be gone. */
export function refuseUnsoundAuth(
  auth: EnvironmentAuth,
  mappings: readonly Pick<Mapping, 'id' | 'name' | 'policy'>[],
  addresses: AddressPolicy,
): void {
  const errors = problemsOfEnvironmentAuth(auth, addresses).map(inside('auth'))
  refuseIf(
    errors.filter(({ path }) => path.endsWith('.jwksUrl')),
    'invalid_address',
  )
  refuseIf(errors, 'invalid_input')
  const orphans = problemsOfChecks(auth, mappings)
  const [first] = orphans
  if (!first) return
  const named = new Map(orphans.map(({ id, name }) => [id, { id, name }]))
  throw new Problem('in_use', {
    detail: `The mapping ${first.name} could not be reached any more: ${first.message}`,
    extra: { mappings: [...named.values()].slice(0, 20) },
  })
}

/** Refuses a mapping's check that asks for issuers its environment does not know. */
export function refuseUnsoundCheck(check: MappingCheck, auth: EnvironmentAuth): void {
  refuseIf(problemsOfCheck(check, auth).map(inside('policy.auth')), 'invalid_reference')
}

function inside(place: string) {
  return ({ path, message }: FieldError): FieldError => ({ path: `${place}.${path}`, message })
}
