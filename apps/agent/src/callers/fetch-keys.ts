import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import { fetchConfigured } from '@crossfade/runtime/fetch-configured'
import type { Addresses } from '../services/addresses.ts'

/** The text of an issuer's key document. Rejects with a reason fit for a log: it holds nothing the issuer said. */
export type FetchKeys = (url: string) => Promise<string>

const mostBytes = 256 * 1024
const mostMs = 5_000

/**
 * Asks once, at an address that a service could have too (rule 30), with nothing but 200 for an answer: redirects
 * are never followed. Limited in time and size.
 */
export function keyFetcher(parts: {
  readonly addresses: Addresses
  readonly policy: AddressPolicy
  readonly clock: Clock
}): FetchKeys {
  const { addresses, policy, clock } = parts
  return async (url) => {
    const { status, body } = await fetchConfigured(url, {
      purpose: 'jwks',
      policy,
      clock,
      timeoutMs: mostMs,
      maxBytes: mostBytes,
      headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': 'crossfade-keys' },
      lookupFor: (port) => addresses.lookupFor(port),
    })
    if (status !== 200) throw new Error(`The answer was ${status}`)
    return body.toString('utf8')
  }
}
