import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '@crossfade/runtime/clock'
import { createDeadline, type Deadline } from './deadline.ts'
import {
  BadStatus,
  ClientGone,
  isPassedOn,
  ServiceSilent,
  type AnswerSink,
  type OutgoingRequest,
  type Send,
} from './exchange.ts'

/**
 * Over a connection of its own, through `node:http`, for what undici cannot do: put a head on the wire before
 * its body (`Expect: 100-continue`, RFC 9110 section 10.1.1) and send `OPTIONS *`.
 */
export function singleSender(clock: Clock, expectContinue: boolean): Send {
  return (request, sink) => new SingleExchange(request, sink, clock, expectContinue)
}

class SingleExchange {
  readonly #sink: AnswerSink
  readonly #outgoing: ClientRequest
  readonly #limits: OutgoingRequest['instance']['timeouts']
  #answer: IncomingMessage | null = null
  #connected = false
  #over = false
  readonly #deadline: Deadline

  constructor(request: OutgoingRequest, sink: AnswerSink, clock: Clock, expectContinue: boolean) {
    this.#sink = sink
    this.#deadline = createDeadline(clock)
    this.#limits = request.instance.timeouts
    this.#outgoing = openRequest(request, expectContinue)
    this.#wait(this.#limits.connectMs, 'connecting')
    this.#listen()
    this.#outgoing.flushHeaders()
    if (request.body === null) {
      this.#outgoing.end()
      return
    }
    request.body.on('data', () => this.#connected && this.#wait(this.#limits.firstByteMs, 'answering'))
    request.body.on('error', (error) => this.#fail(error))
    request.body.pipe(this.#outgoing)
  }

  abort(): void {
    this.#fail(new ClientGone())
  }

  resume(): void {
    if (this.#over) return
    this.#wait(this.#limits.idleMs, 'sending')
    this.#answer?.resume()
  }

  #listen(): void {
    const outgoing = this.#outgoing
    outgoing.on('socket', (socket) => {
      const ready = () => {
        this.#connected = true
        this.#sink.begun()
        this.#wait(this.#limits.firstByteMs, 'answering')
      }
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', ready)
    })
    outgoing.on('information', (info) => {
      if (isPassedOn(info.statusCode))
        this.#sink.interim(info.statusCode, info.statusMessage, info.rawHeaders)
      else this.#fail(new BadStatus())
    })
    outgoing.on('response', (answer) => this.#hear(answer))
    outgoing.on('error', (error) => this.#fail(error))
    // Once an answer has begun, its own events tell how it ended: some of it may still be waiting to be read.
    outgoing.on('close', () => {
      if (this.#answer === null) this.#fail(new Error('The service closed the connection'))
    })
  }

  #hear(answer: IncomingMessage): void {
    this.#answer = answer
    this.#wait(this.#limits.idleMs, 'sending')
    answer.on('data', (chunk: Buffer) => {
      this.#wait(this.#limits.idleMs, 'sending')
      if (this.#sink.data(chunk)) return
      this.#deadline.clear()
      answer.pause()
    })
    answer.on('end', () => {
      if (!answer.complete) return
      this.#settle()
      this.#sink.end(answer.rawTrailers)
      this.#outgoing.destroy()
    })
    answer.on('error', (error) => this.#fail(error))
    try {
      this.#sink.head(answer.statusCode ?? 0, answer.statusMessage ?? '', answer.rawHeaders)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #wait(ms: number, what: string): void {
    if (this.#over) return
    this.#deadline.set(ms, () =>
      this.#fail(new ServiceSilent(`The service took longer than ${ms} ms ${what}`)),
    )
  }

  #fail(error: Error): void {
    if (this.#over) return
    this.#settle()
    this.#outgoing.destroy()
    this.#sink.fail(error, this.#connected)
  }

  #settle(): void {
    this.#over = true
    this.#deadline.clear()
  }
}

function openRequest(request: OutgoingRequest, expectContinue: boolean): ClientRequest {
  const { instance, method, target, framing } = request
  const headers = [...request.headers, 'Connection', 'close']
  if (expectContinue) headers.push('Expect', '100-continue')
  if (framing.kind === 'length') headers.push('Content-Length', String(framing.bytes))
  if (framing.kind === 'chunked') headers.push('Transfer-Encoding', 'chunked')
  const send = instance.url.protocol === 'https:' ? httpsRequest : httpRequest
  return send(instance.url, { method, path: target, headers, agent: instance.agent })
}
