import { defaultAuth, type EnvironmentAuth, type Issuer, type Requirement } from '@crossfade/core/auth/auth'
import type {
  Environment,
  Group,
  Mapping,
  Match,
  PathPattern,
  Policy,
  Rewrite,
  Segment,
  Service,
  Snapshot,
  Split,
  Target,
} from '@crossfade/core/model'
import { defaultPolicy, serviceDefaults } from '@crossfade/core/policy/defaults'

/** Sensible parts of a snapshot; say only what your test is about. */
export function aService(overrides: Partial<Service> = {}): Service {
  return {
    id: 'legacy-books',
    name: overrides.id ?? 'legacy-books',
    instances: ['http://10.0.0.7:8080'],
    health: null,
    timeouts: { connectMs: 3_000, firstByteMs: 30_000, idleMs: 60_000 },
    ...serviceDefaults,
    ...overrides,
  }
}

export function aRewrite(overrides: Partial<Rewrite> = {}): Rewrite {
  return {
    path: null,
    query: { set: {}, drop: [] },
    headers: { set: {}, drop: [] },
    mapBack: true,
    ...overrides,
  }
}

export function aTarget(overrides: Partial<Target> = {}): Target {
  return { serviceId: 'legacy-books', rewrite: aRewrite(), host: { kind: 'client' }, ...overrides }
}

/** An exact path when given a text. */
export function aMatch(path: string | PathPattern = '/v2/books', overrides: Partial<Match> = {}): Match {
  const pattern = typeof path === 'string' ? ({ kind: 'exact', path } as const) : path
  return { methods: [], host: null, path: pattern, ...overrides }
}

/** By cookie `uid`, at 0 %. */
export function aSplit(overrides: Partial<Split> = {}): Split {
  return {
    share: 0,
    cohort: 'cohort-0001',
    identity: { kind: 'cookie', name: 'uid' },
    missing: 'legacy',
    ...overrides,
  }
}

/** From `legacy-books` to `new-books`. */
export function aMapping(overrides: Partial<Mapping> = {}): Mapping {
  return {
    id: 'books',
    name: overrides.id ?? 'books',
    match: aMatch(),
    legacy: aTarget(),
    new: aTarget({ serviceId: 'new-books', host: { kind: 'service' } }),
    split: aSplit(),
    segments: [],
    writes: { kind: 'with-share' },
    pointOfNoReturn: false,
    originalUriOnAnswers: false,
    policy: defaultPolicy,
    ...overrides,
  }
}

export function aPolicy(overrides: Partial<Policy> = {}): Policy {
  return { ...defaultPolicy, ...overrides }
}

export function aGroup(overrides: Partial<Group> = {}): Group {
  return { id: 'quarter', name: overrides.id ?? 'quarter', split: aSplit({ share: 2_500 }), ...overrides }
}

/** Sends colleagues to new. */
export function aSegment(overrides: Partial<Segment> = {}): Segment {
  return {
    id: 'staff',
    name: overrides.id ?? 'staff',
    side: 'new',
    conditions: [{ attribute: { kind: 'header', name: 'x-staff' }, operator: 'in', values: ['yes'] }],
    ...overrides,
  }
}

export function anEnvironment(overrides: Partial<Environment> = {}): Environment {
  return {
    id: 'default',
    name: 'default',
    defaults: [{ host: null, serviceId: 'legacy-books' }],
    paths: { encodedSlash: 'auto', ambiguous: 'refuse' },
    trustedHops: [],
    sendForwarded: false,
    forcedSide: { header: null, cookie: null },
    callers: { keyDigests: [], segmentId: null },
    clientDimension: null,
    auth: defaultAuth,
    ...overrides,
  }
}

/** One mapping at 0 % between two services. */
export function aSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    epoch: 'epoch-1',
    revision: 1,
    environment: anEnvironment(),
    services: [
      aService(),
      aService({ id: 'new-books', name: 'new-books', instances: ['http://10.0.0.8:8080'] }),
    ],
    mappings: [aMapping()],
    groups: [],
    segments: [],
    ...overrides,
  }
}

export function anAuth(overrides: Partial<EnvironmentAuth> = {}): EnvironmentAuth {
  return { ...defaultAuth, ...overrides }
}

export function anIssuer(overrides: Partial<Issuer> = {}): Issuer {
  return {
    name: 'login',
    issuer: 'https://login.example',
    audiences: ['books'],
    jwksUrl: 'https://login.example/jwks',
    algorithms: ['ES256'],
    leewaySeconds: 30,
    from: { kind: 'header', name: 'authorization' },
    ...overrides,
  }
}

/** Asks for a token of any issuer. */
export function aRequirement(overrides: Partial<Requirement> = {}): Requirement {
  return { anyOf: ['jwt'], issuers: [], requiredClaims: [], forward: 'keep', ...overrides }
}
