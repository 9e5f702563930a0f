import type { Algorithm, Issuer } from '@crossfade/core/auth/auth'
import { TokenBucket } from '@crossfade/core/policy/token-bucket'
import { fullJitter } from '@crossfade/runtime/backoff'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { FetchKeys } from './fetch-keys.ts'
import { readKeySet, type IssuerKey } from './key-set.ts'

/** The keys of one issuer, kept fresh beside the path of requests. */
export interface IssuerKeys {
  /** Those that could have signed; null while there were never any keys. Without a name every key that fits. */
  candidates(kid: string | null, algorithm: Algorithm): readonly IssuerKey[] | null
  /** Whether the issuer still has this key. */
  has(key: IssuerKey): boolean
  /**
   * Asks the issuer again for a key nobody knows, if it may be asked now; joins a question under way. False when
   * there was nothing to wait for.
   */
  lookAgain(): Promise<boolean>
  /** How long until the issuer is asked again by itself, in ms. */
  nextTryMs(): number
  state(): IssuerState
  /** The text that the keys are from, for the disk; null without. */
  text(): string | null
  close(): void
}

export interface IssuerState {
  readonly issuer: string
  readonly keys: number
  readonly fetches: { readonly ok: number; readonly failed: number }
  /** Null when the last try succeeded, or none has ended. */
  readonly problem: string | null
}

const everyMs = 5 * 60_000
/** While there are keys, and while there are none: then nobody gets in. */
const retry = { baseMs: 1_000, capMs: 60_000 }
const retryWithoutKeys = { baseMs: 1_000, capMs: 10_000 }
/** Unknown names may make the issuer be asked three times in a row, then once in ten seconds. */
const lookAgainLimit = { perSecond: 0.1, burst: 3 }
/** Requests that may wait for one answer of the issuer. */
const mostWaiting = 1_000
/** A token that does not name its key may cost this many tries. */
const mostCandidates = 4

export function createIssuerKeys(parts: {
  readonly issuer: Issuer
  readonly fetch: FetchKeys
  /** What was known before a restart. */
  readonly stored: string | null
  readonly onKeys: () => void
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}): IssuerKeys {
  const { issuer, fetch, clock, random, logger } = parts
  const bucket = new TokenBucket(lookAgainLimit.perSecond, lookAgainLimit.burst)
  let keys: readonly IssuerKey[] | null = null
  let text: string | null = null
  let problem: string | null = null
  let failuresInARow = 0
  const fetches = { ok: 0, failed: 0 }
  let asking: Promise<void> | null = null
  let waiting = 0
  let nextTry = 0
  let cancel = () => {}
  let closed = false

  const adopt = (fresh: string) => {
    const read = readKeySet(fresh, issuer.algorithms)
    // What stays the same object need not be imported again, and what it has verified stays verified.
    const before = new Map((keys ?? []).map((key) => [`${key.kid} ${key.print}`, key]))
    keys = read.map((key) => before.get(`${key.kid} ${key.print}`) ?? key)
    text = fresh
  }

  const schedule = (ms: number) => {
    cancel()
    if (closed) return
    nextTry = clock.monotonic() + ms
    cancel = clock.after(ms, () => void ask())
  }

  const askOnce = async () => {
    try {
      const fresh = await fetch(issuer.jwksUrl)
      if (closed) return
      const isNew = fresh !== text
      adopt(fresh)
      fetches.ok += 1
      if (problem !== null) logger.info({ issuer: issuer.name }, 'keys of the issuer are there again')
      problem = null
      failuresInARow = 0
      if (isNew) parts.onKeys()
      schedule(everyMs * (0.9 + 0.2 * random()))
    } catch (error) {
      if (closed) return
      fetches.failed += 1
      const why = reasonOf(error)
      if (problem !== why) logger.warn({ issuer: issuer.name, why }, 'keys of the issuer cannot be fetched')
      problem = why
      const limits = keys === null ? retryWithoutKeys : retry
      schedule(Math.max(500, fullJitter(failuresInARow, limits, random)))
      failuresInARow += 1
    }
  }
  const ask = (): Promise<void> => {
    asking ??= askOnce().finally(() => {
      asking = null
    })
    return asking
  }

  if (parts.stored !== null) {
    try {
      adopt(parts.stored)
    } catch {
      logger.warn({ issuer: issuer.name }, 'the stored keys of the issuer cannot be used')
    }
  }
  void ask()

  return {
    candidates(kid, algorithm) {
      if (keys === null) return null
      const fitting = keys.filter((key) => (kid === null || key.kid === kid) && key.fits(algorithm))
      return fitting.slice(0, mostCandidates)
    },
    has: (key) => keys?.includes(key) === true,
    async lookAgain() {
      if (closed || waiting >= mostWaiting) return false
      // Never without keys: then the tries follow their own plan, and a caller hears when.
      if (asking === null && (keys === null || bucket.take(clock.monotonic()) > 0)) return false
      waiting += 1
      try {
        await ask()
      } finally {
        waiting -= 1
      }
      return true
    },
    nextTryMs: () => (asking === null ? Math.max(0, nextTry - clock.monotonic()) : 1_000),
    state: () => ({ issuer: issuer.name, keys: keys?.length ?? 0, fetches: { ...fetches }, problem }),
    text: () => text,
    close() {
      closed = true
      cancel()
    },
  }
}

/** Short, and nothing a stranger wrote. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return (code ?? message ?? 'unknown').slice(0, 120)
}
