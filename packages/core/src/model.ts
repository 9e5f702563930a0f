/**
 * The nouns of Crossfade, each with the one sentence its name cannot say. Types only.
 * All of it is plain JSON with `null` for "not set", so that the bytes of an entity are stable.
 */

import type { Claims, EnvironmentAuth, MappingCheck } from './auth/auth.ts'

/** Which of a mapping's two services answers. */
export type Side = 'legacy' | 'new'
export const SIDES = ['legacy', 'new'] as const satisfies readonly Side[]

/** The part of a mapping's traffic that goes to new: whole basis points, 0…10 000. */
export type Share = number
export const WHOLE: Share = 10_000

/**
 * Bytes as they stood on the wire, one character (U+0000…U+00FF) per byte: what `node:http` hands out
 * for header values. Hashing works on these bytes, so no decoding can make two agents disagree.
 */
export type ByteString = string

export type PathPattern =
  | { readonly kind: 'exact'; readonly path: string }
  /** Whole segments: `/cart` covers `/cart/7`, never `/cartography`. */
  | { readonly kind: 'prefix'; readonly path: string }
  /** `/v2/books/:id`; a `*rest` parameter may only stand last and takes the remainder. */
  | { readonly kind: 'template'; readonly template: string }
  /** RE2 syntax, unanchored unless it anchors itself; among regexes the lower `position` is tried first. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly position: number }

/** Which requests a mapping is about (rule 1). */
export interface Match {
  /** Upper case, sorted, no duplicates; empty means any method. */
  readonly methods: readonly string[]
  /** Lower case without port: exact, or `*.example.com`; null means any host. */
  readonly host: string | null
  readonly path: PathPattern
}

export type PathRewrite =
  /** `/v3/authors/:author`; parameters are those of the match: template names, regex group names or numbers. */
  | { readonly kind: 'template'; readonly template: string }
  /** Swaps the matched prefix for this one; only for prefix matches. */
  | { readonly kind: 'prefix'; readonly to: string }

export interface FieldEdits {
  readonly set: Readonly<Record<string, string>>
  readonly drop: readonly string[]
}

/** How a request is changed on its way to one side, and its answer mapped back (rule 5). */
export interface Rewrite {
  /** Null forwards the path as received. */
  readonly path: PathRewrite | null
  readonly query: FieldEdits
  /** Names in lower case. */
  readonly headers: FieldEdits
  /** Map `Location`, `Content-Location`, `Refresh` and cookie `Domain`/`Path` back to the public address. */
  readonly mapBack: boolean
}

/** The Host header a service sees (rule 6). */
export type HostPolicy =
  | { readonly kind: 'client' }
  | { readonly kind: 'service' }
  | { readonly kind: 'fixed'; readonly value: string }

/** One side of a mapping. */
export interface Target {
  readonly serviceId: string
  readonly rewrite: Rewrite
  readonly host: HostPolicy
}

/** What makes two requests "the same someone" (rule 9). */
export type Identity =
  /** A claim further down is named as in `RequiredClaim`. */
  | { readonly kind: 'header' | 'cookie' | 'query' | 'claim'; readonly name: string }
  | { readonly kind: 'client-ip' }
  | { readonly kind: 'request' }

/** What to do with a request that carries no identity. */
export type Missing = 'legacy' | 'client-ip' | 'request'

/** How traffic is divided. A mapping's own, or its group's. */
export interface Split {
  readonly share: Share
  /** The stored random salt of the cohort, never its name. */
  readonly cohort: string
  readonly identity: Identity
  readonly missing: Missing
}

/** `share` for everything, or writes follow a phase of their own (rule 33). */
export type Writes =
  | { readonly kind: 'with-share' }
  | { readonly kind: 'phased'; readonly phase: 'off' | 'dual-legacy' | 'dual-new' | 'complete' }

/** When a side is left alone for a while because it fails too often (rule 32). */
export interface BreakerPolicy {
  /** Whole percent of the window's requests. */
  readonly failurePercent: number
  /** Fewer requests than this in the window say nothing. */
  readonly minimumSample: number
  readonly windowMs: number
  /** The first time it opens; doubles each time in a row, up to a minute. */
  readonly openMs: number
}

/** A limit on callers: beyond it they hear 429. Each agent has a bucket of its own (rule 32). */
export interface RateLimit {
  readonly name: string
  /** One bucket for each value; null is one bucket for all. Requests without the attribute share one. */
  readonly key: Attribute | null
  /** Counts only requests of this side; null counts both. */
  readonly side: Side | null
  readonly perSecond: number
  readonly burst: number
}

/** How a mapping's requests are protected (rule 32). None of it reaches a side that the write phase calls stale. */
export interface Policy {
  readonly breaker: BreakerPolicy | null
  /** A safe request that failed on new is answered by legacy, once. */
  readonly safeFallback: boolean
  /** Statuses from new that legacy answers in its place: data that has not moved yet. */
  readonly readThrough: readonly number[]
  /** The services say that a write may come twice. */
  readonly idempotentWrites: boolean
  /** Larger bodies are answered 413. */
  readonly bodyLimitBytes: number | null
  readonly limits: readonly RateLimit[]
  /** Requests under way per agent. Above new's, safe requests overflow to legacy; above legacy's, 503. */
  readonly concurrency: { readonly legacy: number | null; readonly new: number | null }
  /** A request that comes back from a service goes to legacy instead of being refused as a loop. */
  readonly loopsBackToLegacy: boolean
  /** What its callers must show. */
  readonly auth: MappingCheck
}

/** One piece of legacy traffic and its replacement. */
export interface Mapping {
  readonly id: string
  readonly name: string
  readonly match: Match
  readonly legacy: Target
  readonly new: Target
  /** A mapping splits by itself or with its group, never both (rule 12). */
  readonly split: Split | { readonly groupId: string }
  /** Segment ids in order; the first that matches forces its side. */
  readonly segments: readonly string[]
  readonly writes: Writes
  /** Data has moved: always new, roll back refused (rule 20). */
  readonly pointOfNoReturn: boolean
  /** Also put `X-Original-URI` on answers. */
  readonly originalUriOnAnswers: boolean
  readonly policy: Policy
}

/** Mappings that share one split and move together or not at all. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly split: Split
}

export type Attribute =
  | { readonly kind: 'header' | 'cookie' | 'query' | 'claim'; readonly name: string }
  | { readonly kind: 'client-ip' | 'method' | 'path' | 'host' }

/** One test on one attribute. A missing attribute never matches, whatever the operator. */
export interface Condition {
  readonly attribute: Attribute
  readonly operator:
    | 'in'
    | 'not-in'
    | 'prefix'
    | 'suffix'
    | 'contains'
    | 'number-at-least'
    | 'number-below'
    | 'date-from'
    | 'date-before'
    | 'semver-at-least'
    | 'semver-below'
    | 'network'
  readonly values: readonly string[]
}

/** A reusable rule that forces a side: all conditions must hold. */
export interface Segment {
  readonly id: string
  readonly name: string
  readonly side: Side
  readonly conditions: readonly Condition[]
}

export interface HealthCheck {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyAfter: number
  readonly unhealthyAfter: number
}

/** A named HTTP backend. */
export interface Service {
  readonly id: string
  readonly name: string
  /** Origins such as `http://10.0.0.7:8080`, without path, query or user info. */
  readonly instances: readonly string[]
  readonly health: HealthCheck | null
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number }
  readonly pool: {
    readonly connectionsPerInstance: number
    /** Requests waiting for a connection, per instance; more are answered 503 at once. */
    readonly maxPending: number
    readonly pendingTimeoutMs: number
  }
  /** An instance that fails this often in a row is left out for a while; null never does. */
  readonly outlier: {
    readonly consecutiveFailures: number
    /** Grows with every ejection. */
    readonly baseEjectionMs: number
    /** Whole percent of the instances that may be left out at once. */
    readonly maxEjectedPercent: number
  } | null
  /** How long an instance that comes back takes to get its whole part. */
  readonly slowStartMs: number
  readonly retry: {
    /** Including the first. */
    readonly tries: number
    /** Retries beside 100 requests. */
    readonly budgetPercent: number
    /** Retries that are always possible. */
    readonly minPerSecond: number
  }
  readonly tls: ServiceTls
}

/** On what terms connections to `https` instances are made. */
export interface ServiceTls {
  /** False believes anybody who answers. */
  readonly verify: boolean
  /** Name the certificate must carry; null is the host of the instance. */
  readonly serverName: string | null
  /** Certificates (PEM) of the only authorities believed; null believes the usual public ones. */
  readonly ca: string | null
  /** Which of the agent's client certificates is shown; null shows none. */
  readonly clientCertificate: string | null
}

export interface DefaultService {
  /** Host pattern as in `Match`; null is the environment's own default. */
  readonly host: string | null
  readonly serviceId: string
}

/** What holds for every request of an environment. */
export interface Environment {
  readonly id: string
  readonly name: string
  readonly defaults: readonly DefaultService[]
  readonly paths: {
    /** `%2F` in a path: kept as it is, refused with 400, or kept until something here carries a check (`auto`). */
    readonly encodedSlash: 'auto' | 'keep' | 'refuse'
    /**
     * A path that can be read two ways: always refused, or let through to the default service unmapped as long as
     * nothing here carries a check.
     */
    readonly ambiguous: 'refuse' | 'pass-unmapped'
  }
  /** CIDR networks whose `X-Forwarded-*`, `Forwarded` and request ids are believed. */
  readonly trustedHops: readonly string[]
  /** Also send RFC 7239 `Forwarded`. */
  readonly sendForwarded: boolean
  /** Where an allowed caller may name a side (rule 10); null switches the way off. */
  readonly forcedSide: { readonly header: string | null; readonly cookie: string | null }
  /** Who may force a side or see debug headers (rules 10 and 11). */
  readonly callers: {
    /** SHA-256 (hex) of keys accepted in `X-Crossfade-Key`. */
    readonly keyDigests: readonly string[]
    readonly segmentId: string | null
  }
  /** Traffic is also counted by kind of client: the first value whose text the header contains (rule 28). */
  readonly clientDimension: {
    /** In lower case. */
    readonly header: string
    readonly values: readonly { readonly label: string; readonly contains: string }[]
  } | null
  readonly auth: EnvironmentAuth
}

/** Everything agents of one environment need, whole, at one revision of one epoch. Never patched. */
export interface Snapshot {
  readonly epoch: string
  readonly revision: number
  readonly environment: Environment
  readonly services: readonly Service[]
  readonly mappings: readonly Mapping[]
  readonly groups: readonly Group[]
  readonly segments: readonly Segment[]
}

/** Mappings and groups whose share is 0 from `revision` on, whatever the base says (rule 19). */
export interface Overlay {
  readonly environmentId: string
  readonly epoch: string
  readonly revision: number
  readonly mappingIds: readonly string[]
  readonly groupIds: readonly string[]
}

/** Chance drawn once per request: a whole number 0…9 999. */
export type Entropy = number

/** All a decision may look at. Time and chance are facts too: the shell draws them, core never does. */
export interface RequestFacts {
  readonly method: string
  /** Lower case, without port. */
  readonly host: string
  /** Canonical path (rule 4), without query. */
  readonly path: string
  /** Path as received, before it was made canonical: what path parameters are taken from. */
  readonly receivedPath: string
  /** Raw query without `?`, as received. */
  readonly query: string
  /** First value of a header, by lower-case name, as bytes on the wire. */
  readonly header: (name: string) => ByteString | undefined
  /** RFC 5952 text form. */
  readonly clientIp: string
  /** Of the verified token; empty without one. */
  readonly claims: Claims
  /** SHA-256 (hex) of the `X-Crossfade-Key` the caller presented; null without one. */
  readonly callerDigest: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly entropy: Entropy
}

export type Reason =
  | { readonly kind: 'point-of-no-return' }
  | { readonly kind: 'write-phase'; readonly phase: 'off' | 'dual-legacy' | 'dual-new' | 'complete' }
  | { readonly kind: 'forced'; readonly by: 'header' | 'cookie' }
  | { readonly kind: 'segment'; readonly segmentId: string }
  /** 0 and 10 000 are answered without looking at identity. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'everybody' }
  | { readonly kind: 'bucket'; readonly bucket: number; readonly share: Share; readonly sticky: boolean }
  | { readonly kind: 'missing-identity'; readonly share: Share }

/** What to do with one request. Never an act: the agent forwards, the API explains, the dashboard draws. */
export type Decision =
  | {
      readonly kind: 'mapped'
      readonly revision: number
      readonly mapping: Mapping
      readonly side: Side
      readonly reason: Reason
      /** Path parameters in received, still encoded form. */
      readonly params: Readonly<Record<string, string>>
    }
  | { readonly kind: 'default'; readonly revision: number; readonly serviceId: string }
  | { readonly kind: 'no-default-service'; readonly revision: number }
