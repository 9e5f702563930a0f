import type { IncomingHttpHeaders } from 'node:http'

/**
 * Where a browser's request came from: `Sec-Fetch-Site` (W3C Fetch Metadata) if it says, else `Origin`
 * against our public address or the Host the request was sent to, which the front door knows to be ours.
 * `unknown` is a caller that is no browser.
 */
export function siteOf(headers: IncomingHttpHeaders, publicUrl: string): 'same' | 'cross' | 'unknown' {
  const site = headers['sec-fetch-site']
  if (site === 'same-origin') return 'same'
  if (site === 'cross-site' || site === 'same-site') return 'cross'
  const { origin } = headers
  if (origin === undefined) return 'unknown'
  const [from, ours] = [URL.parse(origin), URL.parse(publicUrl)]
  if (!from || (from.protocol !== 'http:' && from.protocol !== 'https:')) return 'cross'
  // Under our public name only the public address is ours: not its other ports, and not it without TLS.
  if (from.hostname === ours?.hostname) return from.origin === ours.origin ? 'same' : 'cross'
  return from.host === headers.host ? 'same' : 'cross'
}
