import { request, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { problemOfAddress, type AddressPolicy } from '@crossfade/core/address-policy'
import { problemOfUrl, type AddressPurpose } from '@crossfade/core/configured-address'
import type { Clock } from './clock.ts'
import { findBySystem, guardedLookup, type FindAddresses } from './guarded-lookup.ts'
import { doorOfUrl } from './settings.ts'

export interface FetchOptions {
  readonly purpose: AddressPurpose
  readonly policy: AddressPolicy
  readonly clock: Clock
  /** For everything: name, connection, answer. */
  readonly timeoutMs: number
  /** Of the answer's body; a longer one is refused, not cut. */
  readonly maxBytes: number
  readonly method?: 'GET' | 'POST'
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  /** PEM of the authorities to believe instead of the public ones. */
  readonly ca?: string
  /** The system's resolver if absent. */
  readonly find?: FindAddresses
  /** Instead of that, for whoever judges addresses at connecting already. */
  readonly lookupFor?: (port: number) => LookupFunction
}

export interface Fetched {
  /** 100…299 and 400…599: redirects are refused. */
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Why nothing came; the message names host and reason, never path, query or headers. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly reason: 'address' | 'redirect' | 'too-large' | 'timeout' | 'failed'

  constructor(reason: FetchError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

const maxHeaderSize = 16 * 1024

/**
 * Asks an address that somebody configured (rule 30): judged by the one validator, connected to only where the
 * policy allows it, whatever the name resolves to; certificates verified; no redirect followed; bounded in time
 * and size. Rejects with a `FetchError`.
 */
export async function fetchConfigured(url: string, options: FetchOptions): Promise<Fetched> {
  const { purpose, policy, clock, timeoutMs, maxBytes } = options
  const problem = problemOfUrl(url, purpose, policy)
  if (problem !== null) throw new FetchError('address', problem)
  const { host, port } = doorOfUrl(url)
  const send = url.toLowerCase().startsWith('https:') ? secureRequest : request
  const sending: RequestOptions & { rejectUnauthorized: boolean; ca?: string; servername: string } = {
    method: options.method ?? 'GET',
    headers: {
      ...options.headers,
      ...(options.body !== undefined && { 'content-length': Buffer.byteLength(options.body) }),
    },
    // A connection of its own: nobody else's settings, no proxy of the environment.
    agent: false,
    lookup:
      options.lookupFor?.(port) ??
      guardedLookup(options.find ?? findBySystem, (address) => problemOfAddress(address, port, policy)),
    maxHeaderSize,
    rejectUnauthorized: true,
    servername: isIP(host) === 0 ? host : '',
    ...(options.ca !== undefined && { ca: options.ca }),
  }
  return await new Promise((resolve, reject) => {
    const asking = send(url, sending)
    const settle = (act: () => void) => {
      cancel()
      act()
      asking.destroy()
    }
    const fail = (reason: FetchError['reason'], why: string, cause?: unknown) =>
      settle(() => reject(new FetchError(reason, `${host}: ${why}`, { cause })))
    const cancel = clock.after(timeoutMs, () => fail('timeout', `no whole answer within ${timeoutMs} ms`))

    asking.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ERR_ADDRESS_REFUSED'
        ? fail('address', error.message, error)
        : fail('failed', error.code ?? error.message, error),
    )
    asking.on('response', (answer) => {
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400)
        return fail('redirect', `answered ${status}; redirects are not followed`)
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > maxBytes) fail('too-large', `the answer is larger than ${maxBytes} bytes`)
        else chunks.push(chunk)
      })
      answer.on('error', (error: NodeJS.ErrnoException) => fail('failed', error.code ?? error.message, error))
      answer.on('end', () =>
        settle(() => resolve({ status, headers: answer.headers, body: Buffer.concat(chunks) })),
      )
    })
    asking.end(options.body)
  })
}
