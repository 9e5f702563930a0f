import { linkPath, maxFrameBytes } from '@crossfade/contracts/link'
import { WebSocket } from 'ws'
import type { ControlTerms } from '../tls/control-certificates.ts'
import { readText } from '../identity/control-door.ts'
import { refusalOf, sentenceOf, type Refusal } from '../identity/refusal.ts'
import type { Dial } from './socket.ts'

const handshakeTimeoutMs = 10_000

/** Dials the control plane: `controlUrl` is its http, https, ws or wss address. */
export function dialer(controlUrl: string, terms: () => ControlTerms): (assertion: string) => Dial {
  const url = new URL(linkPath, controlUrl)
  url.protocol = url.protocol.replace('http', 'ws')

  return (assertion) => (events) => {
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${assertion}` },
      maxPayload: maxFrameBytes.toAgent,
      perMessageDeflate: false,
      handshakeTimeout: handshakeTimeoutMs,
      followRedirects: false,
      ...terms(),
    })
    let reason: string | null = null
    let refusal: Refusal | null = null
    socket.on('open', events.onOpen)
    socket.on('message', (data, isBinary) => {
      if (isBinary) events.onGarbage('A binary frame')
      else events.onText(textOf(data))
    })
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode: status = 0, headers } = response
      const told = (body: string) => {
        refusal = refusalOf(status, headers.date, body)
        reason = sentenceOf(refusal)
        // With a listener here, ending the handshake is ours to do; `close` follows.
        socket.terminate()
      }
      readText(response).then(told, () => told(''))
    })
    socket.on('error', (error) => (reason ??= error.message))
    socket.on('close', (code, text) => {
      const why = { reason: reason ?? (text.toString() || `Closed with ${code}`), isRefused: false, code }
      events.onClosed({ ...why, ...(refusal !== null && { refusal, isRefused: isNo(refusal.status) }) })
    })
    return {
      bufferedAmount: () => socket.bufferedAmount,
      send: (text) => socket.send(text),
      close: (code, why) => socket.close(code, why),
      terminate: () => socket.terminate(),
    }
  }
}

function isNo(status: number): boolean {
  return status === 401 || status === 403
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}
