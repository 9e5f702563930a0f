/** Lets `perSecond` through on average and `burst` at once. Time is an argument, in milliseconds. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #at = Number.NEGATIVE_INFINITY

  constructor(perSecond: number, burst: number, tokens = burst) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#tokens = tokens
  }

  /** Takes one: 0 when there was one, else how many milliseconds until there will be. */
  take(now: number): number {
    this.#refill(now)
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return this.#perMs === 0 ? Number.POSITIVE_INFINITY : Math.ceil((1 - this.#tokens) / this.#perMs)
  }

  /** Puts back a part of one. */
  give(tokens: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + tokens)
  }

  /** Nothing is lost by forgetting a full bucket. */
  isFull(now: number): boolean {
    this.#refill(now)
    return this.#tokens >= this.#burst
  }

  #refill(now: number): void {
    if (now > this.#at) {
      if (Number.isFinite(this.#at)) this.give((now - this.#at) * this.#perMs)
      this.#at = now
    }
  }
}

/** A bucket for each of at most `limit` keys; the one not used for longest goes first. */
export class KeyedBuckets {
  readonly #make: () => TokenBucket
  readonly #limit: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(make: () => TokenBucket, limit = 10_000) {
    this.#make = make
    this.#limit = limit
  }

  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? this.#make()
    // A map keeps the order of insertion: what was used last goes to the end.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#limit) this.#forgetOldest()
    return bucket.take(now)
  }

  get size(): number {
    return this.#buckets.size
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next()
    if (oldest.done !== true) this.#buckets.delete(oldest.value)
  }
}
