import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressPolicy } from '@crossfade/core/address-policy'
import { problemOfUrl } from '@crossfade/core/configured-address'
import type { Clock } from '@crossfade/runtime/clock'
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
  return (address) =>
    new Promise((resolve, reject) => {
      const url = new URL(address)
      // Node asks nobody for the address of an address.
      if (problemOfUrl(address, 'jwks', policy) !== null)
        return reject(new Error('The address is not allowed'))
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const asking = send(url, {
        agent: false,
        lookup: addresses.lookupFor(Number(url.port || (url.protocol === 'https:' ? 443 : 80))),
        rejectUnauthorized: true,
        maxHeaderSize: 16 * 1024,
        headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': 'crossfade-keys' },
      })
      const fail = (why: string) => asking.destroy(new Error(why))
      const cancel = clock.after(mostMs, () => fail(`No answer within ${mostMs / 1_000} s`))
      asking.on('close', () => {
        cancel()
        reject(new Error('The connection ended too early'))
      })
      asking.on('error', reject)
      asking.on('response', (answer) => {
        if (answer.statusCode !== 200) return fail(`The answer was ${answer.statusCode}`)
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > mostBytes) return fail(`The answer is larger than ${mostBytes / 1024} KiB`)
          chunks.push(chunk)
        })
        answer.on('error', reject)
        answer.on('end', () => {
          if (answer.complete) resolve(Buffer.concat(chunks).toString('utf8'))
        })
      })
      asking.end()
    })
}
