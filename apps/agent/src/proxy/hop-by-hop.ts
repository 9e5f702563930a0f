/** Fields about one connection, never about the message (RFC 9110 section 7.6.1), plus the agent's own secrets. */
const REQUEST_ONLY_HERE = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'content-length',
  'host',
  'x-crossfade-key',
  'x-crossfade-debug',
])

const ANSWER_ONLY_HERE = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** `connection` lists the lower-case names the sender marked as its own. Host and framing are written anew. */
export function isDroppedFromRequest(name: string, connection: readonly string[]): boolean {
  return REQUEST_ONLY_HERE.has(name) || (connection.length > 0 && connection.includes(name))
}

/** A connection option can never take the framing away (RFC 9110 section 8.6). */
export function isDroppedFromAnswer(name: string, connection: readonly string[]): boolean {
  if (ANSWER_ONLY_HERE.has(name)) return true
  return connection.length > 0 && name !== 'content-length' && connection.includes(name)
}

/** Lower-case names that the `Connection` lines of a flat header list name. */
export function connectionOptions(rawHeaders: readonly string[]): string[] {
  const options: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== 'connection') continue
    for (const option of (rawHeaders[i + 1] as string).split(',')) options.push(option.trim().toLowerCase())
  }
  return options
}
