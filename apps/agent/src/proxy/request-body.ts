import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { ClientGone } from './exchange.ts'

/**
 * A request's body on its way to a service, with back-pressure. A layer of its own, for whoever sends it destroys
 * it when the service breaks off, and destroying the request itself would take the client's connection along,
 * together with the answer it is still owed.
 */
export class RequestBody extends Readable {
  /** Bytes the client has sent so far. */
  bytes = 0
  readonly #source: IncomingMessage
  #listening = false

  constructor(source: IncomingMessage) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    // It may be destroyed with an error after the last listener has gone.
    this.on('error', () => {})
  }

  override _read(): void {
    if (!this.#listening) this.#listen()
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    this.#source.pause()
    done(error)
  }

  /** Only when first read, so that nothing is taken from a client nobody listens to. */
  #listen(): void {
    this.#listening = true
    this.#source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose)
    this.#source.on('error', () => {})
    if (this.#source.destroyed && !this.#source.complete) this.#onClose()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytes += chunk.length
    if (!this.push(chunk)) this.#source.pause()
  }

  readonly #onEnd = (): void => {
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new ClientGone('The client left before its request was whole'))
  }
}
