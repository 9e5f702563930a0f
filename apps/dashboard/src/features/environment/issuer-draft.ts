import type { EnvironmentInput } from '@crossfade/contracts/api/environments'
import { ALGORITHMS, type Algorithm, type Issuer } from '@crossfade/core/auth/auth'

/** An issuer while it is edited. */
export interface IssuerDraft {
  /** Tells lines apart while they move. */
  readonly key: string
  readonly name: string
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly jwksUrl: string
  readonly algorithms: readonly string[]
  readonly leewaySeconds: number | string
  readonly place: 'header' | 'cookie'
  readonly placeName: string
}

export function draftOfIssuer(issuer: Issuer, at: number): IssuerDraft {
  const { from, ...rest } = issuer
  return { ...rest, key: String(at), place: from.kind, placeName: from.name }
}

export function emptyIssuer(key: string): IssuerDraft {
  return {
    key,
    name: '',
    issuer: '',
    audiences: [],
    jwksUrl: '',
    algorithms: ['RS256'],
    leewaySeconds: 30,
    place: 'header',
    placeName: 'authorization',
  }
}

type IssuerInput = NonNullable<NonNullable<EnvironmentInput['auth']>['issuers']>[number]

export function issuerOfDraft(draft: IssuerDraft): IssuerInput {
  const name = draft.placeName.trim()
  return {
    name: draft.name.trim(),
    issuer: draft.issuer.trim(),
    audiences: [...draft.audiences],
    jwksUrl: draft.jwksUrl.trim(),
    algorithms: draft.algorithms.filter(isAlgorithm),
    leewaySeconds: draft.leewaySeconds === '' ? Number.NaN : Number(draft.leewaySeconds),
    from: draft.place === 'cookie' ? { kind: 'cookie', name } : { kind: 'header', name: name.toLowerCase() },
  }
}

function isAlgorithm(name: string): name is Algorithm {
  return ALGORITHMS.some((known) => known === name)
}
