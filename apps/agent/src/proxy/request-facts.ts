import { createHash } from 'node:crypto'
import { murmur3 } from '@crossfade/core/bucket'
import { WHOLE, type ByteString, type Environment, type RequestFacts } from '@crossfade/core/model'
import { valueOf, valuesOf, type RequestHead } from './check-request.ts'
import { clientAddress, isTrustedHop } from './client-address.ts'
import { isRequestId } from './request-id.ts'

/** What reading a request's facts needs besides its head. */
export interface FactsSource {
  readonly head: RequestHead
  readonly path: { readonly path: string; readonly received: string; readonly query: string }
  readonly environment: Environment
  /** RFC 5952 form of the socket's peer. */
  readonly peer: string
  readonly now: number
  readonly random: () => number
  /** Of a verified token. */
  readonly claims?: RequestFacts['claims'] | undefined
}

/** Facts straight from the raw header lines; what costs something is worked out when first asked for. */
export function requestFacts(source: FactsSource): RequestFacts {
  return new LazyFacts(source)
}

const NO_CLAIMS: RequestFacts['claims'] = Object.freeze({})

class LazyFacts implements RequestFacts {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly receivedPath: string
  readonly query: string
  readonly now: number
  readonly claims: RequestFacts['claims']
  readonly header: (name: string) => ByteString | undefined
  readonly #source: FactsSource
  #clientIp: string | undefined
  #entropy: number | undefined
  #callerDigest: string | null | undefined

  constructor(source: FactsSource) {
    this.#source = source
    this.method = source.head.method
    this.host = source.head.host
    this.path = source.path.path
    this.receivedPath = source.path.received
    this.query = source.path.query
    this.now = source.now
    this.claims = source.claims ?? NO_CLAIMS
    this.header = (name) => valueOf(source.head, name)
  }

  get clientIp(): string {
    const { environment, peer, head } = this.#source
    return (this.#clientIp ??= clientAddress(environment, peer, valuesOf(head, 'x-forwarded-for')))
  }

  /** From chance, or from the request id where a trusted hop set it, so that agents in a row agree (rule 9). */
  get entropy(): number {
    return (this.#entropy ??= this.#drawEntropy())
  }

  get callerDigest(): string | null {
    if (this.#callerDigest === undefined) {
      const key = this.header('x-crossfade-key')
      this.#callerDigest = key === undefined ? null : createHash('sha256').update(key, 'latin1').digest('hex')
    }
    return this.#callerDigest
  }

  #drawEntropy(): number {
    const { environment, peer, random } = this.#source
    const id = this.header('x-request-id')
    if (id !== undefined && isRequestId(id) && isTrustedHop(environment, peer)) return murmur3(id) % WHOLE
    return Math.min(WHOLE - 1, Math.floor(random() * WHOLE))
  }
}
