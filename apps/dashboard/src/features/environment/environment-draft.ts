import type { EnvironmentInput, EnvironmentView } from '@crossfade/contracts/api/environments'
import { checkOfDraft, draftOfCheck, type CheckDraft } from '../../shared/forms/check-draft.ts'
import { draftOfIssuer, issuerOfDraft, type IssuerDraft } from './issuer-draft.ts'

/** An environment's rules while they are edited. */
export interface EnvironmentDraft {
  readonly issuers: readonly IssuerDraft[]
  readonly apiKeyHeader: string
  /** Of mappings that inherit. */
  readonly mapped: CheckDraft
  readonly unmapped: CheckDraft
  readonly passesPreflight: boolean
  readonly name: string
  /** The environment's own default; empty for none. */
  readonly defaultServiceId: string
  /** Defaults of single hosts. */
  readonly hostDefaults: readonly {
    readonly key: string
    readonly host: string
    readonly serviceId: string
  }[]
  readonly encodedSlash: 'auto' | 'keep' | 'refuse'
  readonly ambiguous: 'refuse' | 'pass-unmapped'
  readonly trustedHops: readonly string[]
  readonly sendForwarded: boolean
  readonly forcedHeader: string
  readonly forcedCookie: string
  readonly keyDigests: readonly string[]
  readonly callerSegmentId: string
  /** Empty: clients are not told apart. */
  readonly clientHeader: string
  readonly clientValues: readonly { readonly label: string; readonly contains: string }[]
}

export function draftOfEnvironment(view: EnvironmentView): EnvironmentDraft {
  return {
    name: view.name,
    defaultServiceId: view.defaults.find(({ host }) => host === null)?.serviceId ?? '',
    hostDefaults: view.defaults
      .filter(({ host }) => host !== null)
      .map(({ host, serviceId }, at) => ({ key: String(at), host: host ?? '', serviceId })),
    encodedSlash: view.paths.encodedSlash,
    ambiguous: view.paths.ambiguous,
    trustedHops: view.trustedHops,
    sendForwarded: view.sendForwarded,
    forcedHeader: view.forcedSide.header ?? '',
    forcedCookie: view.forcedSide.cookie ?? '',
    keyDigests: view.callers.keyDigests,
    callerSegmentId: view.callers.segmentId ?? '',
    issuers: view.auth.issuers.map(draftOfIssuer),
    apiKeyHeader: view.auth.apiKeyHeader,
    mapped: draftOfCheck(view.auth.mapped),
    unmapped: draftOfCheck(view.auth.unmapped),
    passesPreflight: view.auth.preflight === 'pass',
    clientHeader: view.clientDimension?.header ?? '',
    clientValues: view.clientDimension?.values ?? [],
  }
}

/** The whole environment as the API takes it; the environment's own default comes first. */
export function inputOfEnvironment(draft: EnvironmentDraft): EnvironmentInput {
  return {
    name: draft.name.trim(),
    defaults: [
      ...(draft.defaultServiceId === '' ? [] : [{ host: null, serviceId: draft.defaultServiceId }]),
      ...draft.hostDefaults
        .filter(({ host, serviceId }) => host.trim() !== '' || serviceId !== '')
        .map(({ host, serviceId }) => ({ host: host.trim().toLowerCase(), serviceId })),
    ],
    paths: { encodedSlash: draft.encodedSlash, ambiguous: draft.ambiguous },
    trustedHops: [...draft.trustedHops],
    sendForwarded: draft.sendForwarded,
    forcedSide: {
      header: draft.forcedHeader.trim() === '' ? null : draft.forcedHeader.trim().toLowerCase(),
      cookie: draft.forcedCookie.trim() === '' ? null : draft.forcedCookie.trim(),
    },
    callers: {
      keyDigests: [...draft.keyDigests],
      segmentId: draft.callerSegmentId === '' ? null : draft.callerSegmentId,
    },
    auth: {
      issuers: draft.issuers.map(issuerOfDraft),
      apiKeyHeader: draft.apiKeyHeader.trim().toLowerCase(),
      mapped: ownCheck(draft.mapped),
      unmapped: ownCheck(draft.unmapped),
      preflight: draft.passesPreflight ? 'pass' : 'check',
    },
    clientDimension:
      draft.clientHeader.trim() === ''
        ? null
        : {
            header: draft.clientHeader.trim().toLowerCase(),
            values: draft.clientValues.map(({ label, contains }) => ({ label: label.trim(), contains })),
          },
  }
}

/** An environment has nobody to inherit from. */
function ownCheck(draft: CheckDraft) {
  const check = checkOfDraft(draft)
  return check === 'inherit' ? 'none' : check
}

/** Where a field of the API stands on the form, given how many defaults come before those of single hosts. */
export function environmentFieldOf(path: string, draft: EnvironmentDraft): string | null {
  const [, at, inner] = /^defaults\.(\d+)(?:\.(\w+))?/.exec(path) ?? []
  if (at !== undefined) {
    const line = Number(at) - (draft.defaultServiceId === '' ? 0 : 1)
    return line < 0 ? 'defaultServiceId' : `hostDefaults.${line}.${inner === 'host' ? 'host' : 'serviceId'}`
  }
  if (/^clientDimension\.values\.\d+/.test(path))
    return path.replace('clientDimension.values', 'clientValues')
  if (/^auth\.issuers\.\d+/.test(path))
    return path.replace('auth.', '').replace(/(\.(?:from|audiences|algorithms))\..*$/, '$1')
  const [found] = places.filter(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))
  return found?.[1] ?? null
}

const places = [
  ['name', 'name'],
  ['defaults', 'defaultServiceId'],
  ['paths.encodedSlash', 'encodedSlash'],
  ['paths', 'ambiguous'],
  ['trustedHops', 'trustedHops'],
  ['sendForwarded', 'sendForwarded'],
  ['forcedSide.cookie', 'forcedCookie'],
  ['forcedSide', 'forcedHeader'],
  ['callers.segmentId', 'callerSegmentId'],
  ['callers', 'keyDigests'],
  ['auth.apiKeyHeader', 'apiKeyHeader'],
  ['auth.mapped', 'mapped'],
  ['auth.unmapped', 'unmapped'],
  ['auth', 'issuers'],
  ['clientDimension.values', 'clientValues'],
  ['clientDimension', 'clientHeader'],
] as const satisfies readonly (readonly [string, keyof EnvironmentDraft])[]
