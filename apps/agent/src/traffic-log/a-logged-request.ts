import { readTarget } from '@crossfade/core/canonical-path'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { Environment, Mapping } from '@crossfade/core/model'
import { aMapping, anEnvironment } from '@crossfade/testkit/builders'
import type { RequestHead } from '../proxy/check-request.ts'
import { requestFacts } from '../proxy/request-facts.ts'
import type { Route } from '../proxy/route-request.ts'
import type { Seen } from '../proxy/seen.ts'
import { anOutcome } from '../stats/an-outcome.ts'
import type { LoggedRequest } from './line.ts'
import { isMapped } from './traffic-log.ts'

export interface SeenOptions {
  readonly target?: string
  readonly method?: string
  /** Flat list. */
  readonly headers?: readonly string[]
  readonly mapping?: Mapping | null
  readonly environment?: Environment
  readonly serviceMs?: number | null
}

/** For tests: what was seen of a request that was routed. */
export function aSeen(options: SeenOptions = {}): Seen & { readonly route: Route } {
  const { target = '/v2/books/7?page=2', method = 'GET', headers = ['User-Agent', 'curl/8'] } = options
  const mapping = options.mapping === undefined ? aMapping({ name: 'Books' }) : options.mapping
  const environment = options.environment ?? anEnvironment()
  const head: RequestHead = {
    kind: 'head',
    method,
    httpVersion: '1.1',
    target,
    authority: 'books.example',
    host: 'books.example',
    rawHeaders: headers,
    names: headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()),
    connection: [],
    body: { kind: 'none' },
  }
  const path = readTarget(target, { encodedSlash: 'keep' })
  const peer = '203.0.113.9'
  const facts = requestFacts({ head, environment, path, peer, now: 0, random: () => 0.5 })
  const mapped = mapping && {
    mapping,
    target: mapping.new,
    params: {},
    reading: path,
    reason: { kind: 'bucket' as const, bucket: 42, share: 5000, sticky: true },
  }
  const route: Route = {
    kind: 'route',
    label: { mappingId: mapping?.id ?? null, side: 'new', via: 'split' },
    serviceId: 'new-books',
    head,
    environment,
    facts,
    target: '/api/books/7?page=2',
    mapped,
    debug: [],
    withheld: null,
  }
  return {
    head,
    requestId: 'req-1',
    peer,
    route,
    code: null,
    serviceMs: options.serviceMs === undefined ? 10 : options.serviceMs,
    sent: ['Host', 'new', 'traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
  }
}

export function aLoggedRequest(
  options: SeenOptions & {
    readonly mappingName?: string
    readonly status?: number | null
    readonly failure?: FailureKind
  } = {},
): LoggedRequest {
  const { mappingName = 'Books', status = 200, failure = null } = options
  const mapping = aMapping({ id: 'books', name: mappingName })
  const seen = aSeen({ ...options, mapping })
  const outcome = anOutcome({
    mappingId: 'books',
    side: 'new',
    status,
    failure,
    latencyMs: 12.5,
    bytesOut: 165,
  })
  const { route } = seen
  if (!isMapped(route)) throw new Error('This one is mapped')
  return { at: Date.UTC(2026, 0, 1), agent: 'edge-1', outcome, seen, route }
}
