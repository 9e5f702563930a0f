import type { IncomingHttpHeaders } from 'node:http'

/**
 * Where a browser's request came from: `Sec-Fetch-Site` (W3C Fetch Metadata) if it says, else `Origin`
 * against our public address or the Host the request was sent to. `unknown` is a caller that is no browser.
 */
export function siteOf(headers: IncomingHttpHeaders, publicUrl: string): 'same' | 'cross' | 'unknown' {
  const site = headers['sec-fetch-site']
  if (site === 'same-origin') return 'same'
  if (site === 'cross-site' || site === 'same-site') return 'cross'
  const { origin } = headers
  if (origin === undefined) return 'unknown'
  const from = URL.parse(origin)
  if (!from || (from.protocol !== 'http:' && from.protocol !== 'https:')) return 'cross'
  return from.origin === URL.parse(publicUrl)?.origin || from.host === headers.host ? 'same' : 'cross'
}
