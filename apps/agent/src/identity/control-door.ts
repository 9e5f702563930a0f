import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import {
  agentCredentialSchema,
  joinPath,
  renewPath,
  type AgentCredentialView,
  type AgentJoin,
  type AgentRenew,
} from '@crossfade/contracts/agent-identity'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { ControlTerms } from '../tls/control-certificates.ts'
import { refusalOf, type Refusal } from './refusal.ts'

export type DoorAnswer =
  | { readonly kind: 'credential'; readonly credential: AgentCredentialView; readonly at: number | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Where agents get credentials. Throws when the control plane cannot be reached or does not speak our language. */
export interface ControlDoor {
  join(input: AgentJoin): Promise<DoorAnswer>
  renew(assertion: string, input: AgentRenew): Promise<DoorAnswer>
}

const timeoutMs = 10_000
const mostBytes = 256 * 1024

/** `terms` is what a connection to the control plane needs besides its address. */
export function controlDoor(controlUrl: string, terms: () => ControlTerms): ControlDoor {
  const base = new URL(controlUrl)
  base.protocol = base.protocol.replace('ws', 'http')

  const post = async (path: string, body: unknown, headers: Record<string, string>): Promise<DoorAnswer> => {
    const { status, date, text } = await exchange(new URL(path, base), JSON.stringify(body), headers, terms())
    if (status !== 200) return { kind: 'refused', refusal: refusalOf(status, date, text) }
    const { at } = refusalOf(status, date, '')
    return { kind: 'credential', credential: agentCredentialSchema.parse(parseJson(text)), at }
  }
  return {
    join: (input) => post(joinPath, input, {}),
    renew: (assertion, input) => post(renewPath, input, { authorization: `Bearer ${assertion}` }),
  }
}

interface Exchange {
  readonly status: number
  readonly date: string | undefined
  readonly text: string
}

/** Redirects are not followed: the token is for this address alone. */
function exchange(
  url: URL,
  body: string,
  headers: Record<string, string>,
  terms: ControlTerms,
): Promise<Exchange> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const request = send(url, {
      ...terms,
      method: 'POST',
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    request.on('error', (error) => reject(signal.aborted ? new Error('No answer in time') : error))
    request.on('response', (response) => {
      readText(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, date: response.headers.date, text }),
        reject,
      )
    })
    request.end(body)
  })
}

/** An answer longer than any of ours is cut off with an error. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new Error('The answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
