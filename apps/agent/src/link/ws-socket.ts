import { linkPath, maxFrameBytes } from '@crossfade/contracts/link'
import { WebSocket } from 'ws'
import type { ControlTerms } from '../tls/control-certificates.ts'
import type { Dial } from './socket.ts'

const handshakeTimeoutMs = 10_000

/** Dials the control plane: `controlUrl` is its http, https, ws or wss address. */
export function dialer(controlUrl: string, token: string, terms: () => ControlTerms): Dial {
  const url = new URL(linkPath, controlUrl)
  url.protocol = url.protocol.replace('http', 'ws')

  return (events) => {
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      maxPayload: maxFrameBytes.toAgent,
      perMessageDeflate: false,
      handshakeTimeout: handshakeTimeoutMs,
      followRedirects: false,
      ...terms(),
    })
    let reason: string | null = null
    let status: number | null = null
    socket.on('open', events.onOpen)
    socket.on('message', (data, isBinary) => {
      if (isBinary) events.onGarbage('A binary frame')
      else events.onText(textOf(data))
    })
    socket.on('unexpected-response', (_request, response) => {
      status = response.statusCode ?? null
      reason = `The control plane answered ${status}`
      // With a listener here, ending the handshake is ours to do; `close` follows.
      socket.terminate()
    })
    socket.on('error', (error) => (reason ??= error.message))
    socket.on('close', (code, text) => {
      events.onClosed({ reason: reason ?? (text.toString() || `Closed with ${code}`), status })
    })
    return {
      bufferedAmount: () => socket.bufferedAmount,
      send: (text) => socket.send(text),
      close: (code, why) => socket.close(code, why),
      terminate: () => socket.terminate(),
    }
  }
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}
