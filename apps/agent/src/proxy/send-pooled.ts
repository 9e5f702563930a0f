import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { BadStatus, ClientGone, isPassedOn, type AnswerSink, type Send, type Sending } from './exchange.ts'

/** Over the instance's kept connections, through undici: the usual way. */
export const sendPooled: Send = ({ instance, method, target, headers, framing, body }, sink) => {
  const exchange = new PooledExchange(sink)
  const options = {
    path: target,
    method,
    // undici checks the length against what is sent, and writes `chunked` by itself when there is none.
    headers: framing.kind === 'length' ? [...headers, 'content-length', String(framing.bytes)] : [...headers],
    body,
    // Else undici names the client's Host in SNI, and reconnects whenever it changes.
    servername: instance.serverName,
  }
  instance.dispatcher.dispatch(options, exchange)
  return exchange
}

class PooledExchange implements Dispatcher.DispatchHandler, Sending {
  readonly #sink: AnswerSink
  #controller: Dispatcher.DispatchController | null = null
  #aborted = false
  #over = false
  #answered = false

  constructor(sink: AnswerSink) {
    this.#sink = sink
  }

  abort(): void {
    if (this.#over) return
    this.#aborted = true
    this.#controller?.abort(new ClientGone())
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** Called when a connection is there and the head is about to be written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(new ClientGone())
    else this.#sink.begun()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: IncomingHttpHeaders,
    reason = '',
  ): void {
    const rawHeaders = latin1(controller.rawHeaders)
    try {
      if (!isPassedOn(status)) throw new BadStatus()
      if (status < 200) return this.#sink.interim(status, bytesOf(reason), rawHeaders)
      this.#answered = true
      this.#sink.head(status, bytesOf(reason), rawHeaders)
    } catch (error) {
      // undici would not tell us of it in every state it can be in.
      this.#over = true
      controller.abort(error as Error)
      this.#sink.fail(error as Error, true)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over && !this.#sink.data(chunk)) controller.pause()
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#over) return
    this.#over = true
    this.#sink.end(latin1(controller.rawTrailers))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return
    this.#over = true
    if (this.#answered && isAboutTrailers(error)) this.#sink.end([])
    else this.#sink.fail(error, this.#controller !== null)
  }
}

/**
 * Framing after the body is forbidden (RFC 9110 section 6.5.1), and the parser says so. But by then the body is
 * whole: its trailers are dropped, and the connection is not used again.
 */
export function isAboutTrailers(error: Error): boolean {
  return /Content-Length can't be present|Transfer-Encoding can't be present|Invalid `Transfer-Encoding`/.test(
    error.message,
  )
}

function latin1(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return []
  return rawHeaders.map((part: Buffer | string) =>
    typeof part === 'string' ? part : part.toString('latin1'),
  )
}

/** undici reads the reason phrase as UTF-8; on the wire it is bytes. */
function bytesOf(reason: string): string {
  return /^[\u0000-\u007f]*$/.test(reason) ? reason : Buffer.from(reason, 'utf8').toString('latin1')
}
