import type { Service } from '../model.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * How often requests to one service may be tried again: a part of its requests, and a few per second in any case,
 * so that retries never multiply the load of a service in trouble.
 */
export class RetryBudget {
  readonly #part: number
  readonly #tokens: TokenBucket

  constructor({ budgetPercent, minPerSecond }: Pick<Service['retry'], 'budgetPercent' | 'minPerSecond'>) {
    this.#part = budgetPercent / 100
    // What was saved up is small: a service that comes back must not meet ten seconds' worth of retries.
    this.#tokens = new TokenBucket(minPerSecond, Math.max(1, minPerSecond), minPerSecond)
  }

  /** A request (not a retry) went to the service. */
  requested(): void {
    this.#tokens.give(this.#part)
  }

  /** True when one more try is within the budget; it is then spent. */
  take(now: number): boolean {
    return this.#tokens.take(now) === 0
  }
}
