import { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'

/** A message port that looks like the socket `pg` expects; the other end is PGlite's worker. */
export class PortStream extends Duplex {
  readonly #open: () => MessagePort
  #port: MessagePort | null = null

  constructor(open: () => MessagePort) {
    super()
    this.#open = open
  }

  /** Called by `pg` instead of a socket's connect. */
  connect(): this {
    const port = this.#open()
    this.#port = port
    port.on('message', (bytes: Uint8Array) =>
      this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
    )
    port.on('close', () => {
      this.push(null)
      this.destroy()
    })
    process.nextTick(() => this.emit('connect'))
    return this
  }

  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    this.#port?.ref()
    return this
  }
  unref(): this {
    this.#port?.unref()
    return this
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#port?.postMessage(new Uint8Array(chunk))
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#port?.close()
    done(error)
  }
}
