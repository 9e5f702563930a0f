import { MAPPED_BACK, mapBackHeader } from '@crossfade/core/map-back'
import type { HostPolicy } from '@crossfade/core/model'
import type { InstancePool } from '../services/instance-pool.ts'
import { valuesOf } from './check-request.ts'
import { isTrustedHop } from './client-address.ts'
import type { Forwarding } from './forward.ts'
import { hostFor, requestHeaders } from './request-headers.ts'
import type { Route } from './route-request.ts'

export interface PrepareParts {
  readonly peer: string
  readonly scheme: 'http' | 'https'
  readonly requestId: string
  readonly pseudonym: string
  readonly random: () => number
}

type Prepared = Pick<Forwarding, 'instance' | 'target' | 'headers' | 'mapBack' | 'added'>

/** A route made concrete for one instance: the head to send and what is done to the answer's head. */
export function prepareRequest(route: Route, instance: InstancePool, parts: PrepareParts): Prepared {
  const { head, environment, facts, mapped, target } = route
  const { peer } = parts
  const host = hostFor(mapped?.target.host ?? CLIENT_HOST, head, instance.authority)
  const headers = requestHeaders({
    ...parts,
    head,
    environment,
    get clientIp() {
      return facts.clientIp
    },
    host,
    edits: mapped?.target.rewrite.headers ?? null,
    withheld: route.withheld,
  })
  const added = [...route.debug]
  if (mapped?.mapping.originalUriOnAnswers === true) added.push('X-Original-URI', head.target)
  return { instance, target, headers, added, mapBack: mapBackFor(route, instance, host, peer, parts.scheme) }
}

const CLIENT_HOST: HostPolicy = { kind: 'client' }
const mappable: ReadonlySet<string> = new Set(MAPPED_BACK)

function mapBackFor(
  { head, environment, mapped, facts, target }: Route,
  instance: InstancePool,
  host: string,
  peer: string,
  scheme: string,
): Forwarding['mapBack'] {
  if (mapped === null || !mapped.target.rewrite.mapBack) return null
  return (name, value) => {
    if (!mappable.has(name)) return value
    const told = (field: string) => (isTrustedHop(environment, peer) ? valuesOf(head, field)[0] : undefined)
    const proto = told('x-forwarded-proto') ?? scheme
    const { protocol, origin } = instance.url
    return mapBackHeader(name, value, {
      match: mapped.mapping.match,
      rewrite: mapped.target.rewrite,
      // A service that was told the client's Host and names it means the public address already.
      serviceOrigins: host === head.authority ? [origin] : [origin, `${protocol}//${host}`],
      publicOrigin: `${proto}://${told('x-forwarded-host') ?? head.authority}`,
      receivedPath: facts.receivedPath,
      forwardedPath: target.split('?', 1)[0] ?? target,
    })
  }
}
