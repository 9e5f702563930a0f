import type { IncomingMessage, ServerResponse } from 'node:http'
import { connectionOptions, isDroppedFromAnswer } from './hop-by-hop.ts'

export interface AnswerHead {
  readonly status: number
  /** As on the wire, one character per byte. */
  readonly reason: string
  readonly rawHeaders: readonly string[]
  /** Maps a value back to the public address (rule 5); null leaves all as they are. */
  readonly mapBack: ((name: string, value: string) => string) | null
  /** Our own lines, a flat list. */
  readonly added: readonly string[]
  /** The connection ends after this answer. */
  readonly close: boolean
  /** The client takes fields after the body, and wants to know which. */
  readonly trailers: boolean
}

/**
 * Writes the head as the service wrote it: same order, same case, same kind of framing. Only fields about the
 * connection to the service are left out. Throws when a line cannot stand in an answer. True when only
 * the end of the connection delimits the body.
 */
export function writeAnswerHead(
  request: IncomingMessage,
  response: ServerResponse,
  head: AnswerHead,
): boolean {
  const modern = request.httpVersion === '1.1'
  const mayHaveBody = request.method !== 'HEAD' && head.status !== 204 && head.status !== 304
  const connection = connectionOptions(head.rawHeaders)
  const chunked = indexOfName(head.rawHeaders, 'transfer-encoding') >= 0
  const headers: string[] = []
  let framed = false
  for (let i = 0; i < head.rawHeaders.length; i += 2) {
    const line = head.rawHeaders[i] as string
    const name = line.toLowerCase()
    if (name === 'transfer-encoding') {
      // HTTP/1.0 gets it unwrapped and ended by the connection (RFC 9112 section 6.1).
      if (!modern || head.status === 204 || head.status === 304) continue
      headers.push(line, 'chunked')
      framed = true
      continue
    }
    if (isDroppedFromAnswer(name, connection) && !(name === 'trailer' && head.trailers)) continue
    if (name === 'content-length') {
      if (chunked || head.status === 204) continue
      framed = true
    }
    const value = head.rawHeaders[i + 1] as string
    headers.push(line, head.mapBack === null ? value : head.mapBack(name, value))
  }
  headers.push(...head.added)

  response.sendDate = false
  // An answer that only the end of the connection delimits stays one.
  const delimitedByClose = mayHaveBody && !framed
  if (delimitedByClose) response.removeHeader('transfer-encoding')
  if (head.close || delimitedByClose) {
    headers.push('Connection', 'close')
    response.shouldKeepAlive = false
  }
  // HTTP/1.1 connections stay open without saying so.
  else if (modern && response.shouldKeepAlive) response.removeHeader('connection')
  response.writeHead(head.status, head.reason, headers)
  return delimitedByClose
}

/**
 * An interim answer, as the service wrote it; only to clients that know them (RFC 9110 section 15.2). The answer
 * itself must be the next on its connection and not begun, so that nothing is waiting ahead of these bytes.
 */
export function writeInterim(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  reason: string,
  rawHeaders: readonly string[],
): void {
  const { socket } = response
  if (request.httpVersion !== '1.1' || response.headersSent || !socket?.writable) return
  const connection = connectionOptions(rawHeaders)
  let head = `HTTP/1.1 ${status} ${reason}\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const line = rawHeaders[i] as string
    const name = line.toLowerCase()
    if (isDroppedFromAnswer(name, connection) || name === 'content-length') continue
    head += `${line}: ${rawHeaders[i + 1] as string}\r\n`
  }
  socket.write(`${head}\r\n`, 'latin1')
}

function indexOfName(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.findIndex((line, i) => i % 2 === 0 && line.toLowerCase() === name)
}
