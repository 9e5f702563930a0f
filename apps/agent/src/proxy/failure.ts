import type { ProblemCode } from '@crossfade/contracts/problems'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { LostConnection } from '../services/instance-pool.ts'
import { ClientCertificateMissing, tlsProblemOf } from '../services/tls-terms.ts'
import { BodyTooLarge, ClientGone, ClientSlow, QueueFull, ServiceSilent } from './exchange.ts'

/** How a failure is counted, and what the client is told if it has not heard anything yet. */
export interface Failure {
  readonly kind: FailureKind
  readonly code: ProblemCode
}

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])
const PROTOCOL =
  /^(HPE_|UND_ERR_(RES_CONTENT|HEADERS_OVERFLOW|INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT)|ERR_(INVALID|HTTP)_)/
/** undici gives these no code of their own. */
const PROTOCOL_ERRORS = new Set(['HTTPParserError', 'BadStatus', 'bad response', 'bad upgrade'])

/** `sent`: the connection stood and bytes of the request may have left. */
export function failureOf(error: Error, sent: boolean): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (error instanceof ClientGone) return { kind: 'client-closed', code: 'service_failed' }
  if (error instanceof ClientSlow) return { kind: 'client-closed', code: 'request_timeout' }
  if (error instanceof BodyTooLarge) return { kind: 'client-closed', code: 'body_too_large' }
  if (error instanceof QueueFull) return { kind: 'timeout', code: 'over_capacity' }
  if (error instanceof ServiceSilent || TIMEOUTS.has(code))
    return { kind: 'timeout', code: 'service_timeout' }
  if (error instanceof ClientCertificateMissing) return { kind: 'tls', code: 'client_certificate_missing' }
  if (tlsProblemOf(error) !== null) return { kind: 'tls', code: 'service_certificate' }
  if (PROTOCOL.test(code) || PROTOCOL_ERRORS.has(error.name) || PROTOCOL_ERRORS.has(error.message)) {
    return { kind: 'protocol', code: 'service_failed' }
  }
  return sent ? { kind: 'reset', code: 'service_failed' } : { kind: 'connect', code: 'service_unreachable' }
}

/**
 * Whether a kept connection was lost that had brought answers before: the service may just have ended it as the
 * request went out (RFC 9112 section 9.3.1).
 */
export function wasStale(error: Error): boolean {
  if (!LOST.has((error as NodeJS.ErrnoException).code ?? '')) return false
  const { bytesRead, socket } = error as LostConnection & { socket?: { bytesRead?: number } | null }
  return (bytesRead ?? socket?.bytesRead ?? 0) > 0
}

const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'])
