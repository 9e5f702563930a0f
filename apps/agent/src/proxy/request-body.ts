import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '@crossfade/runtime/clock'
import { createDeadline, type Deadline } from './deadline.ts'
import { ClientGone, ClientSlow } from './exchange.ts'
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

  constructor(source: IncomingMessage, clock: Clock, limits: HttpLimits) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#limits = limits
    this.#deadline = createDeadline(clock)
    // It may be destroyed with an error after the last listener has gone.
    this.on('error', () => {})
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
