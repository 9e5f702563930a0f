import { createHash, timingSafeEqual } from 'node:crypto'
import type { ApiKey, EnvironmentAuth, Presented, TokenPlace } from '@crossfade/core/auth/auth'
import { cookieValue } from '@crossfade/core/facts'
import { valuesOf, type RequestHead } from '../proxy/check-request.ts'

/** The token in one place of a request: undefined without one, null for more than one or what is no token. */
export function tokenIn(head: RequestHead, place: TokenPlace): string | null | undefined {
  if (place.kind === 'cookie') {
    const lines = valuesOf(head, 'cookie')
    const values = lines.flatMap((line) => cookieValue(line, place.name) ?? [])
    if (values.length === 0) return undefined
    return values.length === 1 ? (values[0] ?? null) : null
  }
  const values = valuesOf(head, place.name)
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1) return null
  const [, bearer] = /^bearer +(\S*)\s*$/i.exec(value) ?? []
  if (bearer !== undefined) return bearer
  // Other schemes of `Authorization` are somebody else's business.
  return place.name === 'authorization' ? undefined : value.trim()
}

/** Compared by digest with every key there is, so that time tells nothing. */
export function apiKeyIn(head: RequestHead, auth: EnvironmentAuth): Presented['apiKey'] {
  const values = valuesOf(head, auth.apiKeyHeader)
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  const shown = createHash('sha256').update(value, 'latin1').digest()
  let found: ApiKey | null = null
  for (const key of auth.apiKeys) {
    if (timingSafeEqual(shown, Buffer.from(key.digest, 'hex'))) found = key
  }
  return found === null || values.length > 1 ? { kind: 'invalid' } : { kind: 'valid', key: found }
}

/** Where the credentials of an environment come in: what a service is not to see where its check says so. */
export interface Withheld {
  /** In lower case. */
  readonly headers: ReadonlySet<string>
  readonly cookies: ReadonlySet<string>
}

export function placesOf({ issuers, apiKeyHeader }: EnvironmentAuth): Withheld {
  const named = (kind: TokenPlace['kind']) =>
    issuers.filter(({ from }) => from.kind === kind).map(({ from }) => from.name)
  return { headers: new Set([...named('header'), apiKeyHeader]), cookies: new Set(named('cookie')) }
}

/** The header's value as the service is to see it: null for not at all. */
export function withheld(places: Withheld, name: string, value: string): string | null {
  if (name === 'cookie') return withoutCookies(value, places.cookies)
  if (!places.headers.has(name)) return value
  return name === 'authorization' && !/^bearer /i.test(value) ? value : null
}

function withoutCookies(line: string, names: ReadonlySet<string>): string | null {
  if (names.size === 0) return line
  const pairs = line.split(';')
  const kept = pairs.filter((pair) => !names.has((pair.split('=', 1)[0] ?? '').trim()))
  if (kept.length === pairs.length) return line
  const text = kept.join(';').trim()
  return text === '' ? null : text
}
