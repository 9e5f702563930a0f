import type { BreakerPolicy } from '../model.ts'

/**
 * The breaker of one side of one mapping: leaves a service alone that fails too often, asks it now and then with
 * one request at a time, and lets traffic back slowly. Time and chance are arguments.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * Whether a request may go: `probe` is the one that finds out; `slow` may go, but had better not while
 * somebody else can answer (slow start); `no` may not.
 */
export type Admission = 'go' | 'probe' | 'slow' | 'no'

export interface Transition {
  readonly from: BreakerState
  readonly to: BreakerState
  readonly why: 'consecutive' | 'rate' | 'waited' | 'probe-failed' | 'probe-succeeded'
}

/** As many failures in a row open it, however small the sample. */
const CONSECUTIVE = 5
const LONGEST_OPEN_MS = 60_000
const SLOW_START_MS = 10_000
const SLOTS = 10

export class Breaker {
  readonly #policy: BreakerPolicy
  readonly #random: () => number
  readonly #onChange: (transition: Transition) => void
  readonly #window: Window
  #state: BreakerState = 'closed'
  #inARow = 0
  /** Times it opened without having been fully closed in between. */
  #openings = 0
  #openUntil = 0
  #slowUntil = 0
  #probing = false

  constructor(policy: BreakerPolicy, random: () => number, onChange: (transition: Transition) => void) {
    this.#policy = policy
    this.#random = random
    this.#onChange = onChange
    this.#window = new Window(policy.windowMs)
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Closed, and not in slow start: `admit` would say `go`. */
  get isQuiet(): boolean {
    return this.#state === 'closed' && this.#slowUntil === 0
  }

  /** A `probe` must be followed by `record` or `abandon`. */
  admit(now: number): Admission {
    if (this.#state === 'closed') {
      if (this.#slowUntil === 0) return 'go'
      return this.#admitSlowly(now)
    }
    if (this.#state === 'open') {
      if (now < this.#openUntil) return 'no'
      this.#become('half-open', 'waited')
    }
    if (this.#probing) return 'no'
    this.#probing = true
    return 'probe'
  }

  /** What became of an admitted request. Late ones, sent before it opened, tell nothing new. */
  record(now: number, succeeded: boolean, probe: boolean): void {
    if (probe) {
      this.#probing = false
      if (this.#state === 'half-open') this.#judgeProbe(now, succeeded)
      return
    }
    if (this.#state !== 'closed') return
    this.#window.add(now, succeeded)
    if (succeeded) {
      this.#inARow = 0
      return
    }
    this.#inARow += 1
    if (this.#inARow >= CONSECUTIVE) return this.#open(now, 'consecutive')
    const { requests, failures } = this.#window.sum(now)
    const { minimumSample, failurePercent } = this.#policy
    if (requests >= minimumSample && failures * 100 >= requests * failurePercent) this.#open(now, 'rate')
  }

  /** The probe ended without telling anything, because its client left. */
  abandon(): void {
    this.#probing = false
  }

  /** Milliseconds until it may be worth asking again; 0 when it is now. */
  waitMs(now: number): number {
    if (this.#state === 'closed') return 0
    return Math.max(0, this.#openUntil - now)
  }

  #judgeProbe(now: number, succeeded: boolean): void {
    if (!succeeded) return this.#open(now, 'probe-failed')
    this.#window.clear()
    this.#inARow = 0
    this.#slowUntil = now + SLOW_START_MS
    this.#become('closed', 'probe-succeeded')
  }

  #open(now: number, why: Transition['why']): void {
    const longest = Math.min(LONGEST_OPEN_MS, this.#policy.openMs * 2 ** Math.min(this.#openings, 20))
    // Not all agents should ask again at the same moment.
    this.#openUntil = now + longest * (0.8 + 0.2 * this.#random())
    this.#openings += 1
    this.#inARow = 0
    this.#window.clear()
    this.#become('open', why)
  }

  #admitSlowly(now: number): Admission {
    if (now >= this.#slowUntil) {
      this.#slowUntil = 0
      this.#openings = 0
      return 'go'
    }
    const part = 1 - (this.#slowUntil - now) / SLOW_START_MS
    return this.#random() < Math.max(0.1, part) ? 'go' : 'slow'
  }

  #become(to: BreakerState, why: Transition['why']): void {
    const from = this.#state
    this.#state = to
    this.#onChange({ from, to, why })
  }
}

/** Counts over the last `ms`, in slots that are reused. */
class Window {
  readonly #slotMs: number
  readonly #requests = new Float64Array(SLOTS)
  readonly #failures = new Float64Array(SLOTS)
  #newest = Number.NEGATIVE_INFINITY

  constructor(ms: number) {
    this.#slotMs = ms / SLOTS
  }

  add(now: number, succeeded: boolean): void {
    const slot = this.#turnTo(now)
    this.#requests[slot]! += 1
    if (!succeeded) this.#failures[slot]! += 1
  }

  sum(now: number): { readonly requests: number; readonly failures: number } {
    this.#turnTo(now)
    const total = (sum: number, count: number) => sum + count
    return { requests: this.#requests.reduce(total, 0), failures: this.#failures.reduce(total, 0) }
  }

  clear(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
  }

  #turnTo(now: number): number {
    const at = Math.floor(now / this.#slotMs)
    if (at - this.#newest >= SLOTS) this.clear()
    else {
      for (let passed = this.#newest + 1; passed <= at; passed++) {
        this.#requests[passed % SLOTS] = 0
        this.#failures[passed % SLOTS] = 0
      }
    }
    this.#newest = Math.max(at, this.#newest)
    return this.#newest % SLOTS
  }
}
