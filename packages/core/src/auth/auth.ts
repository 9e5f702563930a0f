/** Who may call (rule 32): the nouns of tokens, API keys and the checks that ask for them. Types and defaults only. */

/** Signatures with a public key only. `none` and HS* cannot even be written down. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** Where a token stands. In `authorization` it follows `Bearer`; in any other header that word may be left out. */
export interface TokenPlace {
  readonly kind: 'header' | 'cookie'
  /** Of a header in lower case. */
  readonly name: string
}

/** Somebody whose tokens are believed. */
export interface Issuer {
  /** What people and mappings call it. */
  readonly name: string
  /** The claim `iss`, character by character. */
  readonly issuer: string
  /** The claim `aud` must hold one of them, character by character. */
  readonly audiences: readonly string[]
  /** Where its public keys are (RFC 7517 section 5). */
  readonly jwksUrl: string
  /** Whatever else a token's header asks for is refused. */
  readonly algorithms: readonly Algorithm[]
  /** How far clocks may be apart when `exp`, `nbf` and `iat` are read. */
  readonly leewaySeconds: number
  readonly from: TokenPlace
}

/** A key that a program presents. Only its digest is known here. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  /** SHA-256 (hex) of the key. */
  readonly digest: string
  /** Mapping ids it opens. Unmapped traffic is open to `all` only. */
  readonly mappings: 'all' | readonly string[]
  /** RFC 3339. */
  readonly createdAt: string
}

/** A claim a token must carry. A list of values holds when one of them does; `scope` is read as the list it stands for. */
export interface RequiredClaim {
  /** A member's name, or `/realm_access/roles` for one further down (RFC 6901). */
  readonly claim: string
  /** One of them; empty asks for any value. */
  readonly values: readonly string[]
}

export type CredentialKind = 'jwt' | 'api-key'

/** What a caller must show: one of these credentials. */
export interface Requirement {
  /** At least one. */
  readonly anyOf: readonly CredentialKind[]
  /** Names of issuers whose tokens count here; empty means all. */
  readonly issuers: readonly string[]
  /** All of them, in the token. They say nothing about API keys. */
  readonly requiredClaims: readonly RequiredClaim[]
  /** Whether the service gets the credentials too. */
  readonly forward: 'keep' | 'drop'
}

export type Check = 'none' | Requirement
/** `inherit` takes the environment's. */
export type MappingCheck = 'inherit' | Check

/** Who may call what in an environment. */
export interface EnvironmentAuth {
  readonly issuers: readonly Issuer[]
  readonly apiKeys: readonly ApiKey[]
  /** The header API keys come in, in lower case. */
  readonly apiKeyHeader: string
  /** For mappings that inherit. */
  readonly mapped: Check
  /** For traffic that no mapping takes. */
  readonly unmapped: Check
  /** CORS preflights carry no credentials: let them through to the service, or check them like anything else. */
  readonly preflight: 'check' | 'pass'
}

export const defaultAuth: EnvironmentAuth = {
  issuers: [],
  apiKeys: [],
  apiKeyHeader: 'x-api-key',
  mapped: 'none',
  unmapped: 'none',
  preflight: 'check',
}

/** What a verified token says; any JSON. */
export type Claims = Readonly<Record<string, unknown>>

/** What a request has shown, verified as far as it can be. */
export interface Presented {
  readonly token:
    | { readonly kind: 'none' }
    | { readonly kind: 'invalid' }
    /** The issuer's keys could not be had yet. */
    | { readonly kind: 'unknown'; readonly retryAfterMs: number }
    | { readonly kind: 'valid'; readonly issuer: string; readonly claims: Claims }
  readonly apiKey:
    | { readonly kind: 'none' }
    | { readonly kind: 'invalid' }
    | { readonly kind: 'valid'; readonly key: Pick<ApiKey, 'mappings'> }
}
