import type { Claims, Issuer, Presented, Requirement } from '@crossfade/core/auth/auth'
import type { CompiledAuth } from '@crossfade/core/auth/compile-auth'
import { isPreflight, needOf } from '@crossfade/core/auth/explain-auth'
import { judge, type AuthRefusal } from '@crossfade/core/auth/judge'
import { cookieValue } from '@crossfade/core/facts'
import type { RoutingTable } from '@crossfade/core/routing-table'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { createLatestWriter } from '../config/latest-writer.ts'
import { valueOf, type RequestHead } from '../proxy/check-request.ts'
import { readPath } from '../proxy/read-path.ts'
import { apiKeyIn, placesOf, tokenIn, type Withheld } from './credentials.ts'
import type { FetchKeys } from './fetch-keys.ts'
import { createIssuerKeys, type IssuerState } from './issuer-keys.ts'
import type { KeyFiles, StoredKeys } from './key-files.ts'
import { readToken } from './read-token.ts'
import { digestOf } from './token-cache.ts'
import { createTokenVerifier, type TokenVerdict, type TokenVerifier } from './token-verifier.ts'

/** What is known about who sends a request. */
export interface Caller {
  /** Of a verified token; empty without one. */
  readonly claims: Claims
  /** Null for one who may go on. */
  readonly refusal: Refusal | null
  /** What the service is not to see; null for nothing. */
  readonly withheld: Withheld | null
}

export interface Refusal {
  readonly why: AuthRefusal
  readonly requirement: Requirement
  readonly mappingId: string | null
}

export interface Callers {
  /** Reads the keys known before a restart. */
  load(): Promise<void>
  /** Keeps what is unchanged, begins to fetch the keys of what is new, forgets the rest. */
  install(auth: CompiledAuth | null): void
  /**
   * Who sends this request, as far as it matters to whoever takes it; null where nobody asks. At once for
   * credentials seen before. `table.auth` must be there.
   */
  ask(table: RoutingTable, head: RequestHead): Caller | Promise<Caller> | null
  states(): readonly (IssuerState & ReturnType<TokenVerifier['counts']>)[]
  warnings(): readonly string[]
  close(): Promise<void>
}

const NO_CLAIMS: Claims = Object.freeze({})
const NO_TOKEN: TokenVerdict = { kind: 'none' }
const INVALID: TokenVerdict = { kind: 'invalid' }

/** Who may call (rule 32), before anything is decided. Nothing of a credential is kept but digests and claims. */
export function createCallers(parts: {
  readonly fetch: FetchKeys
  readonly files: KeyFiles
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}): Callers {
  const { clock, random, logger } = parts
  const verifiers = new Map<string, TokenVerifier>()
  let stored: StoredKeys = {}
  const writer = createLatestWriter<StoredKeys>({
    write: (documents) => parts.files.write(documents),
    clock,
    retryMs: 10_000,
    onError: (err) => logger.warn({ err }, 'keys of issuers cannot be written to the disk'),
  })
  const placesByAuth = new WeakMap<CompiledAuth, Withheld>()

  const persist = () => {
    const documents: Record<string, string> = {}
    for (const { issuer, keys } of verifiers.values()) {
      const text = keys.text()
      if (text !== null) documents[issuer.jwksUrl] = text
    }
    stored = documents
    void writer.put(documents)
  }

  const install = (auth: CompiledAuth | null) => {
    const wanted = new Map((auth?.auth.issuers ?? []).map((issuer) => [keyOf(issuer), issuer]))
    for (const [key, verifier] of verifiers) {
      if (wanted.has(key)) continue
      verifier.keys.close()
      verifiers.delete(key)
    }
    for (const [key, issuer] of wanted) {
      if (verifiers.has(key)) continue
      const keys = createIssuerKeys({
        issuer,
        fetch: parts.fetch,
        stored: stored[issuer.jwksUrl] ?? null,
        onKeys: persist,
        clock,
        random,
        logger,
      })
      verifiers.set(key, createTokenVerifier({ issuer, keys, clock }))
    }
  }

  const verdictIn = (head: RequestHead, issuers: readonly Issuer[]): TokenVerdict | Promise<TokenVerdict> => {
    const verdicts: (TokenVerdict | Promise<TokenVerdict>)[] = []
    const seen = new Set<string>()
    for (const { from } of issuers) {
      const place = `${from.kind} ${from.name}`
      if (seen.has(place)) continue
      seen.add(place)
      const token = tokenIn(head, from)
      if (token === undefined) continue
      const here = issuers.filter((one) => one.from.kind === from.kind && one.from.name === from.name)
      verdicts.push(token === null ? INVALID : verify(token, here))
    }
    const [only] = verdicts
    if (only === undefined) return NO_TOKEN
    if (verdicts.length === 1) return only
    if (verdicts.every(isKnown)) return best(verdicts)
    return Promise.all(verdicts.map(async (verdict) => verdict)).then(best)
  }

  const verify = (token: string, issuers: readonly Issuer[]): TokenVerdict | Promise<TokenVerdict> => {
    const here = issuers.flatMap((issuer) => verifiers.get(keyOf(issuer)) ?? [])
    const digest = digestOf(token)
    for (const verifier of here) {
      const known = verifier.remembered(digest)
      if (known !== undefined) return known
    }
    const read = readToken(token)
    const verifier = read && here.find(({ issuer }) => issuer.issuer === read.claims['iss'])
    return verifier ? verifier.verify(token, digest, read) : INVALID
  }

  return {
    async load() {
      stored = await parts.files.read()
    },
    install,
    ask(table, head) {
      const { auth } = table
      if (auth === null) return null
      const reading = readPath(head.target, table)
      if (reading.kind === 'ambiguous') return null
      const route = table.router.find(head.host, reading.path, head.method)
      const need = needOf(table, route)
      const letThrough =
        auth.auth.preflight === 'pass' && isPreflight(head.method, (name) => valueOf(head, name))
      const requirement = letThrough ? null : need.requirement
      const wantsClaims = need.wantsClaims || (auth.callersWantClaims && asksFavour(table, head))
      if (requirement === null && !wantsClaims) return null

      const settle = (token: TokenVerdict): Caller => {
        const claims = token.kind === 'valid' ? token.claims : NO_CLAIMS
        if (requirement === null) return { claims, refusal: null, withheld: null }
        const asksKey = requirement.anyOf.includes('api-key')
        const apiKey: Presented['apiKey'] = asksKey ? apiKeyIn(head, auth.auth) : { kind: 'none' }
        const mappingId = route?.id ?? null
        const why = judge(requirement, mappingId, { token, apiKey })
        if (why !== null) return { claims, refusal: { why, requirement, mappingId }, withheld: null }
        if (requirement.forward === 'keep') return { claims, refusal: null, withheld: null }
        const places = placesByAuth.get(auth) ?? placesOf(auth.auth)
        placesByAuth.set(auth, places)
        return { claims, refusal: null, withheld: places }
      }
      const asksToken = requirement?.anyOf.includes('jwt') === true
      if (!asksToken && !wantsClaims) return settle(NO_TOKEN)
      const names = asksToken ? requirement.issuers : []
      const issuers = auth.auth.issuers.filter(({ name }) => names.length === 0 || names.includes(name))
      const verdict = verdictIn(head, issuers)
      return verdict instanceof Promise ? verdict.then(settle) : settle(verdict)
    },
    states: () =>
      [...verifiers.values()].map((verifier) => ({ ...verifier.keys.state(), ...verifier.counts() })),
    warnings: () =>
      [...verifiers.values()].flatMap(({ keys }) => {
        const { issuer, problem, keys: count } = keys.state()
        if (problem === null) return []
        const meanwhile = count === 0 ? 'its tokens cannot be checked' : 'the last ones stay in use'
        return [`Keys of the issuer ${issuer} cannot be fetched (${problem}); ${meanwhile}`]
      }),
    async close() {
      install(null)
      await writer.stop()
    },
  }
}

/** Whether the request asks for what only some callers get (rules 10 and 11). */
function asksFavour({ snapshot }: RoutingTable, head: RequestHead): boolean {
  const { header, cookie } = snapshot.environment.forcedSide
  if (valueOf(head, 'x-crossfade-debug') !== undefined) return true
  if (header !== null && valueOf(head, header) !== undefined) return true
  return cookie !== null && cookieValue(valueOf(head, 'cookie'), cookie) !== undefined
}

function isKnown(verdict: TokenVerdict | Promise<TokenVerdict>): verdict is TokenVerdict {
  return !(verdict instanceof Promise)
}

/** A good token is enough; one that nobody can judge yet says more than a bad one. */
function best(verdicts: readonly TokenVerdict[]): TokenVerdict {
  const ranks: readonly TokenVerdict['kind'][] = ['valid', 'unknown', 'invalid', 'none']
  return verdicts.toSorted((a, b) => ranks.indexOf(a.kind) - ranks.indexOf(b.kind))[0] ?? NO_TOKEN
}

const keys = new WeakMap<Issuer, string>()

/** The same for issuers that are alike in everything: they share keys and what was verified. */
function keyOf(issuer: Issuer): string {
  const known = keys.get(issuer) ?? JSON.stringify(issuer)
  keys.set(issuer, known)
  return known
}
