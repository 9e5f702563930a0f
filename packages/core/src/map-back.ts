import type { Match, Rewrite } from './model.ts'
import { escapedText, parseRewrite } from './rewrite-template.ts'

/** One exchange, as far as answers need mapping back to the public address (rule 5). */
export interface MapBack {
  readonly match: Match
  readonly rewrite: Rewrite
  /** Origins the service may call its own: the instance's, and `scheme://` with the Host it was sent. */
  readonly serviceOrigins: readonly string[]
  /** Scheme and host as the client knows them, such as `https://api.example.com`. */
  readonly publicOrigin: string
  /** Path as received and as forwarded, both without query. */
  readonly receivedPath: string
  readonly forwardedPath: string
}

/** Headers whose values may have to change; everything else is passed on as it is. */
export const MAPPED_BACK = ['location', 'content-location', 'refresh', 'set-cookie'] as const

/** One header value of an answer as the client should see it; `name` in lower case. */
export function mapBackHeader(name: string, value: string, context: MapBack): string {
  if (!context.rewrite.mapBack) return value
  switch (name) {
    case 'location':
    case 'content-location':
      return mapUrl(value, context)
    case 'refresh':
      return value.replace(
        /^([^;,]*[;,]\s*url\s*=\s*)(["']?)([^"']*)\2/i,
        (_, lead: string, quote: string, url: string) => `${lead}${quote}${mapUrl(url, context)}${quote}`,
      )
    case 'set-cookie':
      return mapCookie(value, context)
    default:
      return value
  }
}

/** Addresses of other hosts stay; so do paths relative to the current one. */
function mapUrl(url: string, context: MapBack): string {
  const found = /^(?:(https?:)?(\/\/[^/?#]*))?([^?#]*)(.*)$/is.exec(url)
  if (!found) return url
  const [, scheme, authority, path = '', rest = ''] = found
  if (authority === undefined) return path.startsWith('/') ? mapPath(path, context) + rest : url
  const origins = context.serviceOrigins.map(normalOrigin)
  const own = origins.some((origin) =>
    scheme === undefined
      ? origin.endsWith(`:${authority.toLowerCase()}`)
      : origin === normalOrigin(`${scheme}${authority}`),
  )
  if (!own) return url
  const origin = scheme === undefined ? context.publicOrigin.replace(/^https?:/i, '') : context.publicOrigin
  return origin + (path === '' ? '' : mapPath(path, context)) + rest
}

/** A forwarded path as the client knows it, when it lies where the rewrite leads to. */
function mapPath(path: string, context: MapBack): string {
  const [forwarded, received] = swappedBeginning(context)
  // Everything lies below the root, so a template that leads there says nothing about other paths.
  if (forwarded === '/' && context.rewrite.path?.kind !== 'prefix') return path === '/' ? received : path
  return swap(path, forwarded, received)
}

/**
 * What the rewrite put in place of what. A template that keeps the end of the path (`/v2/author/:id` →
 * `/v3/authors/:id`) swaps what stands before it; any other only speaks of this very path and below.
 */
function swappedBeginning(context: MapBack): readonly [forwarded: string, received: string] {
  const { match, rewrite, receivedPath, forwardedPath } = context
  if (rewrite.path?.kind === 'prefix' && match.path.kind === 'prefix')
    return [escapedText(rewrite.path.to), escapedText(match.path.path)]
  if (rewrite.path?.kind === 'template') {
    const [first, ...others] = parseRewrite(rewrite.path.template)
    const head = first && 'literal' in first && others.length > 0 ? first.literal.replace(/[^/]*$/, '') : ''
    const tail = forwardedPath.slice(head.length)
    if (head.length > 1 && forwardedPath.startsWith(head) && receivedPath.endsWith(`/${tail}`)) {
      return [head, receivedPath.slice(0, receivedPath.length - tail.length)]
    }
  }
  return [forwardedPath, receivedPath]
}

/** Whole segments only; what is not below `from` stays. */
function swap(path: string, from: string, to: string): string {
  const stem = from.replace(/\/+$/, '')
  if (path !== stem && !path.startsWith(`${stem}/`)) return path
  const swapped = to.replace(/\/+$/, '') + path.slice(stem.length)
  return swapped === '' ? '/' : swapped
}

function mapCookie(cookie: string, context: MapBack): string {
  const [pair = '', ...attributes] = cookie.split(';')
  return [pair, ...attributes.map((attribute) => mapAttribute(attribute, context))].join(';')
}

function mapAttribute(attribute: string, context: MapBack): string {
  const found = /^(\s*)(domain|path)(\s*=\s*)(.*?)(\s*)$/i.exec(attribute)
  if (!found) return attribute
  const [, before = '', name = '', equals = '', value = '', after = ''] = found
  const mapped = name.toLowerCase() === 'domain' ? mapDomain(value, context) : mapCookiePath(value, context)
  return `${before}${name}${equals}${mapped}${after}`
}

/** The service's root becomes `/cart`, not `/cart/`, which would not cover `/cart` itself. */
function mapCookiePath(path: string, context: MapBack): string {
  if (!path.startsWith('/')) return path
  const mapped = mapPath(path, context)
  return path === '/' && mapped !== '/' ? mapped.replace(/\/$/, '') : mapped
}

/** A domain that covers the service and not the public host would be refused by every browser. */
function mapDomain(domain: string, context: MapBack): string {
  const bare = domain.replace(/^\./, '').toLowerCase()
  const covers = (host: string) => host === bare || host.endsWith(`.${bare}`)
  const publicHost = hostOfOrigin(context.publicOrigin)
  const own = context.serviceOrigins.some((origin) => covers(hostOfOrigin(origin)))
  return own && !covers(publicHost) ? publicHost : domain
}

function hostOfOrigin(origin: string): string {
  return origin
    .replace(/^https?:\/\//i, '')
    .replace(/:\d*$/, '')
    .toLowerCase()
}

/** Lower case, with the default port left out. */
function normalOrigin(origin: string): string {
  const lower = origin.toLowerCase()
  if (lower.startsWith('http://')) return lower.replace(/:80$/, '')
  return lower.replace(/:443$/, '')
}
