import type { ClientRequestArgs } from 'node:http'
import { Agent, type AgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { tlsProblemOf, type TlsTerms } from './tls-terms.ts'

type Created = (error: Error | null, stream: Duplex) => void

/** Single connections to a service on its terms; with an error in their place none is opened. */
export class SecureAgent extends Agent {
  readonly #terms: TlsTerms | Error
  readonly #onTrust: (problem: string | null) => void

  constructor(options: AgentOptions, terms: TlsTerms | Error, onTrust: (problem: string | null) => void) {
    super({ ...options, ...(terms instanceof Error ? {} : terms) })
    this.#terms = terms
    this.#onTrust = onTrust
  }

  override createConnection(options: ClientRequestArgs, callback?: Created): Duplex | null | undefined {
    if (this.#terms instanceof Error) {
      this.#onTrust(tlsProblemOf(this.#terms))
      callback?.(this.#terms, undefined as never)
      return undefined
    }
    const socket = super.createConnection(options, callback)
    socket?.once('secureConnect', () => this.#onTrust(null))
    socket?.on('error', (error: Error) => {
      const problem = tlsProblemOf(error)
      if (problem !== null) this.#onTrust(problem)
    })
    return socket
  }
}
