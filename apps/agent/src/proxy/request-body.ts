import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '@crossfade/runtime/clock'
import { createDeadline, type Deadline } from './deadline.ts'
import { BodyTooLarge, ClientGone, ClientSlow } from './exchange.ts'
import type { HttpLimits } from './http-limits.ts'

/**
 * A request's body on its way to a service, with back-pressure. A layer of its own, for whoever sends it destroys
 * it when the service breaks off, and destroying the request itself would take the client's connection along,
 * together with the answer it is still owed.
 */
export class RequestBody extends Readable {
  /** Bytes the client has sent so far. */
  bytes = 0
  readonly #source: IncomingMessage
  readonly #limits: HttpLimits
  readonly #deadline: Deadline
  #listening = false
  #expected = false
  /** In this period of grace: what came, and whether we let the client wait. */
  #came = 0
  #held = false
  readonly #options: BodyOptions
  readonly #clock: Clock
  /** What came so far, for another try; null when it has become too much. */
  #kept: Buffer[] | null = []

  constructor(source: IncomingMessage, clock: Clock, limits: HttpLimits, options: BodyOptions = PLAIN) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#limits = limits
    this.#options = options
    this.#clock = clock
    this.#deadline = createDeadline(clock)
    // It may be destroyed with an error after the last listener has gone.
    this.on('error', () => {})
  }

  /** Everything from its first byte can be had again. */
  get isReplayable(): boolean {
    return this.bytes === 0 || this.#kept !== null
  }

  /** A body that begins again; this one is over. Only while it is replayable. */
  again(): RequestBody {
    const next = new RequestBody(this.#source, this.#clock, this.#limits, this.#options)
    this.destroy()
    next.bytes = this.bytes
    next.#kept = this.#kept
    next.#expected = this.#expected
    for (const chunk of this.#kept ?? []) next.push(chunk)
    if (this.#source.readableEnded) next.push(null)
    return next
  }

  /** The client is to send now: from here on it must keep up the least rate. */
  expect(): void {
    this.#expected = true
    if (this.#listening) this.#measure()
  }

  override _read(): void {
    if (!this.#listening) this.#listen()
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    this.#deadline.clear()
    this.#source.pause()
    done(error)
  }

  /** Only when first read, so that nothing is taken from a client nobody listens to. */
  #listen(): void {
    this.#listening = true
    this.#source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose)
    this.#source.on('error', () => {})
    if (this.#source.destroyed && !this.#source.complete) this.#onClose()
    else if (this.#expected) this.#measure()
  }

  #measure(): void {
    const { bodyGraceMs, bodyBytesPerSecond } = this.#limits
    if (bodyBytesPerSecond === 0 || this.destroyed || this.#source.complete) return
    this.#came = 0
    this.#held = this.#source.isPaused()
    this.#deadline.set(bodyGraceMs, () => {
      const tooSlow = !this.#held && this.#came < (bodyBytesPerSecond * bodyGraceMs) / 1_000
      if (tooSlow && !this.#source.complete) this.destroy(new ClientSlow('The body comes in too slowly'))
      else this.#measure()
    })
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytes += chunk.length
    this.#came += chunk.length
    if (this.bytes > this.#options.limitBytes) {
      this.destroy(new BodyTooLarge('The body is larger than accepted here'))
      return
    }
    if (this.bytes > this.#options.keepBytes) this.#kept = null
    else this.#kept?.push(chunk)
    if (this.push(chunk)) return
    this.#held = true
    this.#source.pause()
  }

  readonly #onEnd = (): void => {
    this.#deadline.clear()
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new ClientGone('The client left before its request was whole'))
  }
}

export interface BodyOptions {
  /** Beyond it the request fails. */
  readonly limitBytes: number
  /** Up to this much is kept, so that it can be sent again. */
  readonly keepBytes: number
}

const PLAIN: BodyOptions = { limitBytes: Number.POSITIVE_INFINITY, keepBytes: 0 }
