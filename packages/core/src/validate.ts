import { problemsOfChecks, problemsOfEnvironmentAuth, problemsOfIssuers } from './auth/problems-of-auth.ts'
import { under, type FieldError } from './field-error.ts'
import { matchKey, methodsOverlap } from './match.ts'
import type { Condition, Environment, Mapping, Match, Policy, Rewrite, Segment, Snapshot } from './model.ts'
import { parseNetwork } from './network.ts'
import { ambiguityOf } from './canonical-path.ts'
import { bytesOfText } from './bytes.ts'
import { parseDate, parseNumber } from './conditions.ts'
import { anyNetwork, type AddressPolicy } from './address-policy.ts'
import { problemOfUrl } from './configured-address.ts'
import { compilePath, paramNamesOf, templateSegments } from './path-pattern.ts'
import { parseSemver } from './semver.ts'
import { problemOfRegex } from './regex.ts'
import { rewriteParams } from './rewrite-template.ts'

export type { FieldError } from './field-error.ts'

/** What keeps a match from being used; empty when nothing does. Paths begin with `match.`. */
export function problemsOfMatch(match: Match): FieldError[] {
  const { path } = match
  const errors: FieldError[] = []
  if (new Set(match.methods).size < match.methods.length) {
    errors.push({ path: 'match.methods', message: 'Name each method once' })
  }
  switch (path.kind) {
    case 'exact':
    case 'prefix':
      errors.push(...problemsOfText('match.path.path', path.path))
      break
    case 'template':
      errors.push(...problemsOfTemplate(path.template))
      break
    case 'regex': {
      const problem = problemOfRegex(path.pattern)
      if (problem !== null) errors.push({ path: 'match.path.pattern', message: problem })
    }
  }
  return errors
}

/** What keeps a rewrite from working with this match. Paths begin with `rewrite.`; expects a sound match. */
export function problemsOfRewrite(match: Match, rewrite: Rewrite): FieldError[] {
  return [...problemsOfPathRewrite(match, rewrite), ...problemsOfEdits(rewrite)]
}

/** Match, both rewrites and write phase of one mapping. */
export function problemsOfMapping(mapping: Mapping): FieldError[] {
  const errors = problemsOfMatch(mapping.match)
  if (errors.length === 0) {
    errors.push(...under('legacy', problemsOfRewrite(mapping.match, mapping.legacy.rewrite)))
    errors.push(...under('new', problemsOfRewrite(mapping.match, mapping.new.rewrite)))
  }
  if (mapping.writes.kind === 'phased' && mapping.writes.phase === 'complete' && !mapping.pointOfNoReturn) {
    errors.push({ path: 'writes.phase', message: 'Declare the point of no return before completing writes' })
  }
  errors.push(...problemsOfPolicy(mapping.policy))
  return errors
}

/** Limits that cannot be told apart. Paths begin with `policy.`. */
export function problemsOfPolicy({ limits }: Policy): FieldError[] {
  const names = limits.map(({ name }) => name)
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ path: `policy.limits.${i}.name`, message: `There is another limit named ${name}` }],
  )
}

/** Values that the operators of a segment cannot read. Paths begin with `conditions.`. */
export function problemsOfSegment(segment: Pick<Segment, 'conditions'>): FieldError[] {
  return segment.conditions.flatMap((condition, i) =>
    under(`conditions.${i}`, problemsOfCondition(condition)),
  )
}

/** Everything that keeps a snapshot from being obeyed: each part, duplicates, and references that lead nowhere. */
export function problemsOfSnapshot(snapshot: Snapshot): FieldError[] {
  return [
    ...duplicateIds(snapshot),
    ...under('environment', problemsOfEnvironment(snapshot)),
    ...problemsOfServices(snapshot.services, anyNetwork),
    ...snapshot.segments.flatMap((segment) => under(`segments.${segment.id}`, problemsOfSegment(segment))),
    ...mappingsOf(snapshot),
    ...problemsOfChecks(snapshot.environment.auth, snapshot.mappings).map(({ id, path, message }) => ({
      path: `mappings.${id}.${path}`,
      message,
    })),
  ]
}

/** Addresses of services and issuers that the policy lets nobody connect to. */
export function problemsOfAddresses(
  { services, environment }: Pick<Snapshot, 'services' | 'environment'>,
  policy: AddressPolicy,
): FieldError[] {
  return [
    ...problemsOfServices(services, policy),
    ...under('environment.auth', problemsOfIssuers(environment.auth, policy)),
  ]
}

function problemsOfServices(services: Snapshot['services'], policy: AddressPolicy): FieldError[] {
  return services.flatMap(({ id, instances }) =>
    under(`services.${id}`, problemsOfInstances(instances, policy)),
  )
}

/** Paths begin with `instances.`. */
export function problemsOfInstances(instances: readonly string[], policy: AddressPolicy): FieldError[] {
  return instances.flatMap((url, i) => {
    const problem = problemOfUrl(url, 'service', policy)
    return problem === null ? [] : [{ path: `instances.${i}`, message: problem }]
  })
}

function mappingsOf(snapshot: Snapshot): FieldError[] {
  const services = idsOf(snapshot.services)
  const groups = idsOf(snapshot.groups)
  const segments = idsOf(snapshot.segments)
  const byKey = new Map<string, Mapping[]>()
  const errors: FieldError[] = []

  for (const mapping of snapshot.mappings) {
    const own = problemsOfMapping(mapping)
    own.push(...missing('legacy.serviceId', [mapping.legacy.serviceId], services, 'service'))
    own.push(...missing('new.serviceId', [mapping.new.serviceId], services, 'service'))
    if ('groupId' in mapping.split)
      own.push(...missing('split.groupId', [mapping.split.groupId], groups, 'group'))
    own.push(...missing('segments', mapping.segments, segments, 'segment'))
    if (!own.some(({ path }) => path.startsWith('match'))) {
      const key = matchKey(mapping.match)
      const rivals = byKey.get(key) ?? []
      const twin = rivals.find((rival) => methodsOverlap(rival.match.methods, mapping.match.methods))
      if (twin) own.push({ path: 'match', message: `Mapping ${twin.id} already has this match` })
      byKey.set(key, [...rivals, mapping])
    }
    errors.push(...under(`mappings.${mapping.id}`, own))
  }
  return errors
}

function problemsOfEnvironment({ environment, services, segments }: Snapshot): FieldError[] {
  const errors = [
    ...problemsOfTrustedHops(environment),
    ...under('auth', problemsOfEnvironmentAuth(environment.auth, anyNetwork)),
  ]
  const serviceIds = idsOf(services)
  const hosts = new Set<string | null>()
  for (const [i, { host, serviceId }] of environment.defaults.entries()) {
    if (hosts.has(host))
      errors.push({ path: `defaults.${i}.host`, message: 'This host has a default service already' })
    hosts.add(host)
    errors.push(...missing(`defaults.${i}.serviceId`, [serviceId], serviceIds, 'service'))
  }
  const { segmentId } = environment.callers
  if (segmentId !== null)
    errors.push(...missing('callers.segmentId', [segmentId], idsOf(segments), 'segment'))
  return errors
}

/** Networks that cannot be read. Paths begin with `trustedHops.`. */
export function problemsOfTrustedHops({ trustedHops }: Pick<Environment, 'trustedHops'>): FieldError[] {
  return trustedHops.flatMap((network, i) =>
    parseNetwork(network) === null
      ? [{ path: `trustedHops.${i}`, message: 'Give an address or a network such as 10.0.0.0/8' }]
      : [],
  )
}

function problemsOfText(path: string, text: string): FieldError[] {
  if (!text.startsWith('/')) return [{ path, message: 'Start with /' }]
  if (text.includes('?')) return [{ path, message: 'Leave out the query; a match looks at the path only' }]
  const why = ambiguityOf(bytesOfText(text), 'keep')
  return why === null ? [] : [{ path, message: AMBIGUOUS[why] }]
}

const AMBIGUOUS = {
  'dot-segment': 'Leave out segments . and ..; requests that carry them are refused',
  backslash: 'Leave out backslashes; requests that carry them are refused',
  control: 'Leave out blanks and control characters, or write them as %20 and so on',
  'bad-escape': 'Every % must be followed by two hexadecimal digits',
  fragment: 'Leave out #; it never reaches a server',
  'encoded-slash': 'Leave out %2F',
} as const

function problemsOfTemplate(template: string): FieldError[] {
  const path = 'match.path.template'
  const errors = problemsOfText(path, template)
  const segments = templateSegments(template)
  const names: string[] = []
  for (const [i, segment] of segments.entries()) {
    const mark = segment.charAt(0)
    if (mark !== ':' && mark !== '*') continue
    const name = segment.slice(1)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__') {
      errors.push({ path, message: `${segment} is not a parameter name; use letters, digits and _` })
    }
    if (mark === '*' && i < segments.length - 1) {
      errors.push({ path, message: `${segment} takes the rest of the path, so it may only stand last` })
    }
    if (names.includes(name)) errors.push({ path, message: `The parameter ${name} stands twice` })
    names.push(name)
  }
  if (segments.filter((segment) => segment.startsWith('*')).length > 1) {
    errors.push({ path, message: 'Only one wildcard is possible, and only at the end' })
  }
  return errors
}

function problemsOfPathRewrite(match: Match, { path: rewrite }: Rewrite): FieldError[] {
  if (rewrite === null) return []
  if (rewrite.kind === 'prefix') {
    if (match.path.kind !== 'prefix') {
      return [{ path: 'rewrite.path.to', message: 'Only a prefix match has a prefix to swap' }]
    }
    return problemsOfText('rewrite.path.to', rewrite.to)
  }
  const path = 'rewrite.path.template'
  const known = paramNamesOf(compilePath(match.path))
  const unknown = rewriteParams(rewrite.template).filter((name) => !known.includes(name))
  const has = known.length === 0 ? 'has no parameters' : `has ${known.join(', ')}`
  return [
    ...problemsOfText(path, rewrite.template),
    ...unknown.map((name) => ({
      path,
      message: `The match lacks the parameter ${name} (it ${has}); write :: for a colon`,
    })),
  ]
}

/** Headers that belong to the proxy: changing them would break framing or routing. */
const PROTECTED_HEADERS = [
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

function problemsOfEdits({ headers }: Rewrite): FieldError[] {
  return [
    ...Object.keys(headers.set).map((name) => ['set', name] as const),
    ...headers.drop.map((name) => ['drop', name] as const),
  ]
    .filter(([, name]) => PROTECTED_HEADERS.includes(name.toLowerCase()))
    .map(([edit, name]) => ({
      path: `rewrite.headers.${edit}`,
      message:
        name === 'host'
          ? 'Choose the Host header with the host setting'
          : `${name} belongs to the connection`,
    }))
}

function problemsOfCondition({ operator, values }: Condition): FieldError[] {
  const reader = READERS[operator]
  if (!reader) return []
  return values.flatMap((value, i) =>
    reader.parse(value) === null ? [{ path: `values.${i}`, message: reader.message }] : [],
  )
}

const number = { parse: parseNumber, message: 'Give a number' }
const date = { parse: parseDate, message: 'Give a date, or a date and time with Z or an offset' }
const version = { parse: parseSemver, message: 'Give a version such as 2.10.0' }
const READERS: Partial<
  Record<Condition['operator'], { readonly parse: (text: string) => unknown; readonly message: string }>
> = {
  'number-at-least': number,
  'number-below': number,
  'date-from': date,
  'date-before': date,
  'semver-at-least': version,
  'semver-below': version,
  network: { parse: parseNetwork, message: 'Give an address or a network such as 10.0.0.0/8' },
}

function duplicateIds(snapshot: Snapshot): FieldError[] {
  return (['services', 'mappings', 'groups', 'segments'] as const).flatMap((kind) => {
    const seen = new Set<string>()
    return snapshot[kind].flatMap(({ id }) => {
      const twice = seen.has(id)
      seen.add(id)
      return twice ? [{ path: `${kind}.${id}.id`, message: 'This id stands twice' }] : []
    })
  })
}

function missing(
  path: string,
  ids: readonly string[],
  known: ReadonlySet<string>,
  noun: string,
): FieldError[] {
  return ids.filter((id) => !known.has(id)).map((id) => ({ path, message: `There is no ${noun} ${id}` }))
}

function idsOf(items: readonly { readonly id: string }[]): Set<string> {
  return new Set(items.map((item) => item.id))
}
