import type { Mapping, Side } from '../model.ts'
import { isSafe } from '../safe-methods.ts'
import type { Admission } from './breaker.ts'

/** Why the other side answers in place of the one that was decided. */
export type Detour = 'breaker_open' | 'slow_start' | 'new_at_capacity' | 'failed' | 'read_through' | 'loop'

export type Placement =
  | { readonly kind: 'send'; readonly side: Side; readonly detour: Detour | null }
  | { readonly kind: 'refuse'; readonly code: 'breaker_open' | 'over_capacity' }

type Guarded = Pick<Mapping, 'policy' | 'writes' | 'pointOfNoReturn'>

/**
 * Whether legacy may answer in place of new (rules 20, 32 and 33): never past the point of no return, never where
 * the write phase says that its data is behind or that the write belongs to new.
 */
export function legacyMayAnswer({ writes, pointOfNoReturn }: Guarded, method: string): boolean {
  if (pointOfNoReturn) return false
  if (writes.kind === 'with-share') return true
  return isSafe(method) && writes.phase !== 'complete'
}

/** What the agent knows of a side when it is about to send. Without room, nobody asks its breaker. */
export interface SideState {
  readonly admission: Admission
  readonly hasRoom: boolean
}

/** Where a request goes now. Only looks at legacy when new cannot have it. */
export function place(
  mapping: Guarded,
  method: string,
  side: Side,
  stateOf: (side: Side) => SideState,
): Placement {
  const { admission, hasRoom } = stateOf(side)
  const may = side === 'new' && legacyMayAnswer(mapping, method)
  if (admission === 'no') return may ? detourTo(stateOf('legacy'), 'breaker_open') : REFUSED.breaker_open
  if (!hasRoom) return may ? detourTo(stateOf('legacy'), 'new_at_capacity') : REFUSED.over_capacity
  if (admission === 'slow' && may) {
    const detour = detourTo(stateOf('legacy'), 'slow_start')
    if (detour.kind === 'send') return detour
  }
  return side === 'new' ? TO_NEW : TO_LEGACY
}

function detourTo(legacy: SideState, why: 'breaker_open' | 'slow_start' | 'new_at_capacity'): Placement {
  if (legacy.admission === 'no') return REFUSED.breaker_open
  return legacy.hasRoom ? DETOURS[why] : REFUSED.over_capacity
}

/** How a try ended before anything of it reached the client. */
export type Ending =
  | {
      readonly kind: 'failed'
      /** Nothing of the request had left, so that nobody can have acted on it. */
      readonly sent: boolean
      /** The connection had served requests before, and died before any byte of an answer. */
      readonly staleConnection: boolean
    }
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The service asks for another try at once: 503 with `Retry-After: 0`. */
      readonly retryAtOnce: boolean
    }

export interface Tries {
  readonly method: string
  /** Where this try went. */
  readonly side: Side
  /** Tries so far on this side, with this one. */
  readonly made: number
  /** Tries that the service allows. */
  readonly allowed: number
  /** The body can be sent again from its beginning (also: there is none). */
  readonly replayable: boolean
  /** Legacy has answered in place of new already, or is about to. */
  readonly detoured: boolean
  /** Does not wait for anybody: legacy's breaker and room. */
  readonly legacyIsOpen: () => boolean
  /** Spends from the retry budget. */
  readonly takeRetry: () => boolean
}

export type NextStep =
  /** `fresh`: over a connection of its own. */
  | { readonly kind: 'retry'; readonly fresh: boolean }
  | { readonly kind: 'detour'; readonly why: 'failed' | 'read_through' }
  | { readonly kind: 'accept' }

/**
 * What happens after a try. A write is sent again only if nothing of it had left, or the mapping says that its
 * writes may come twice. `mapping` is null for a request without one.
 */
export function afterTry(mapping: Guarded | null, ending: Ending, tries: Tries): NextStep {
  if (!tries.replayable) return ACCEPT
  const repeatable = isSafe(tries.method) || mapping?.policy.idempotentWrites === true
  if (mayRetry(ending, repeatable) && tries.made < tries.allowed && tries.takeRetry()) {
    return ending.kind === 'failed' && ending.staleConnection ? RETRY_FRESH : RETRY
  }
  if (mapping === null || tries.side === 'legacy' || tries.detoured || !repeatable) return ACCEPT
  const why = detourAfter(mapping, ending, tries.method)
  if (why === null || !legacyMayAnswer(mapping, tries.method) || !tries.legacyIsOpen()) return ACCEPT
  return why === 'failed' ? DETOUR_FAILED : DETOUR_READ_THROUGH
}

function mayRetry(ending: Ending, repeatable: boolean): boolean {
  if (ending.kind === 'answered') return repeatable && ending.retryAtOnce
  return !ending.sent || (repeatable && ending.staleConnection)
}

function detourAfter({ policy }: Guarded, ending: Ending, method: string): 'failed' | 'read_through' | null {
  if (ending.kind === 'answered' && policy.readThrough.includes(ending.status)) return 'read_through'
  const failed = ending.kind === 'failed' || ending.status >= 500
  return failed && policy.safeFallback && isSafe(method) ? 'failed' : null
}

/** Whether anything of the policy can change what happens after an answer with this status. */
export function caresAbout({ policy }: Guarded, status: number): boolean {
  return (policy.safeFallback && status >= 500) || policy.readThrough.includes(status)
}

/** What a breaker calls a failure: no answer, or one that says the service is not there (never 4xx or 500). */
export function isFailedStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504
}

// Frequent answers that never differ are made once.
const TO_NEW: Placement = { kind: 'send', side: 'new', detour: null }
const TO_LEGACY: Placement = { kind: 'send', side: 'legacy', detour: null }
const DETOURS = {
  breaker_open: { kind: 'send', side: 'legacy', detour: 'breaker_open' },
  slow_start: { kind: 'send', side: 'legacy', detour: 'slow_start' },
  new_at_capacity: { kind: 'send', side: 'legacy', detour: 'new_at_capacity' },
} as const satisfies Record<string, Placement>
const REFUSED = {
  breaker_open: { kind: 'refuse', code: 'breaker_open' },
  over_capacity: { kind: 'refuse', code: 'over_capacity' },
} as const satisfies Record<string, Placement>
const ACCEPT: NextStep = { kind: 'accept' }
const RETRY: NextStep = { kind: 'retry', fresh: false }
const RETRY_FRESH: NextStep = { kind: 'retry', fresh: true }
const DETOUR_FAILED: NextStep = { kind: 'detour', why: 'failed' }
const DETOUR_READ_THROUGH: NextStep = { kind: 'detour', why: 'read_through' }
