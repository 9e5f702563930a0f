/** Where on the form a field of the API stands. `null`: nowhere, so the summary alone tells it. */
export function fieldOfPath(path: string): string | null {
  const clean = path.replace(/^(body[./])/, '').replaceAll('/', '.')
  const limit = /^policy\.limits\.(\d+)\.(\w+)(\.name)?/.exec(clean)
  if (limit) return `policy.limits.${limit[1]}.${limit[3] === undefined ? limit[2] : 'keyName'}`
  return places.find(([prefix]) => clean === prefix || clean.startsWith(`${prefix}.`))?.[1] ?? null
}

const side = (name: 'legacy' | 'new') =>
  [
    [`${name}.serviceId`, `${name}.serviceId`],
    [`${name}.rewrite.query.set`, `${name}.querySet`],
    [`${name}.rewrite.query.drop`, `${name}.queryDrop`],
    [`${name}.rewrite.query`, `${name}.querySet`],
    [`${name}.rewrite.headers.set`, `${name}.headerSet`],
    [`${name}.rewrite.headers.drop`, `${name}.headerDrop`],
    [`${name}.rewrite.headers`, `${name}.headerSet`],
    [`${name}.rewrite.mapBack`, `${name}.mapBack`],
    [`${name}.rewrite`, `${name}.pathValue`],
    [`${name}.host.kind`, `${name}.hostKind`],
    [`${name}.host`, `${name}.hostValue`],
    [name, `${name}.serviceId`],
  ] as const

/** Longer prefixes first. */
const places: readonly (readonly [prefix: string, field: string])[] = [
  ['name', 'name'],
  ['owner', 'owner'],
  ['description', 'description'],
  ['match.methods', 'methods'],
  ['match.host', 'host'],
  ['match.path.position', 'position'],
  ['match.path.kind', 'pathKind'],
  ['match', 'pathValue'],
  ...side('legacy'),
  ...side('new'),
  ['split.groupId', 'groupId'],
  ['split.cohortId', 'cohortId'],
  ['split.identity.name', 'identityName'],
  ['split.identity', 'identityKind'],
  ['split.missing', 'missing'],
  ['split', 'splitKind'],
  ['segments', 'segments'],
  ['writes', 'writes'],
  ['originalUriOnAnswers', 'originalUriOnAnswers'],
  ['policy.breaker.failurePercent', 'policy.failurePercent'],
  ['policy.breaker.minimumSample', 'policy.minimumSample'],
  ['policy.breaker.windowMs', 'policy.windowMs'],
  ['policy.breaker.openMs', 'policy.openMs'],
  ['policy.breaker', 'policy.hasBreaker'],
  ['policy.readThrough', 'policy.readThrough'],
  ['policy.bodyLimitBytes', 'policy.bodyLimitBytes'],
  ['policy.concurrency.legacy', 'policy.concurrencyLegacy'],
  ['policy.concurrency', 'policy.concurrencyNew'],
  ['policy.limits', 'policy.limits'],
  ['policy.safeFallback', 'policy.safeFallback'],
  ['policy.idempotentWrites', 'policy.idempotentWrites'],
  ['policy.auth.issuers', 'policy.auth.issuers'],
  ['policy.auth', 'policy.auth'],
  ['policy', 'policy.hasBreaker'],
]
