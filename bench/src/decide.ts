import { decide } from '@crossfade/core/decide'
import { factsOf } from '@crossfade/core/facts'
import type { Mapping, PathPattern, RequestFacts } from '@crossfade/core/model'
import { compileSnapshot, type RoutingTable } from '@crossfade/core/routing-table'
import { aMapping, aSnapshot } from '@crossfade/testkit/builders'
import { table } from './machine.ts'

const calls = 400_000

/** A table as teams write them: exact paths, templates and prefixes, in equal parts. */
function tableOf(count: number): RoutingTable {
  const mappings = Array.from({ length: count }, (_, index): Mapping => {
    const paths: readonly PathPattern[] = [
      { kind: 'exact', path: `/api/v2/resource-${index}/list` },
      { kind: 'template', template: `/api/v2/resource-${index}/:id` },
      { kind: 'prefix', path: `/shop/section-${index}` },
    ]
    const path = paths[index % 3] ?? { kind: 'exact', path: '/' }
    return aMapping({
      id: `m${index}`,
      name: `mapping ${index}`,
      match: { methods: [], host: null, path },
      split: {
        share: 2_500,
        cohort: `cohort-${index}-salt`,
        identity: { kind: 'cookie', name: 'uid' },
        missing: 'legacy',
      },
    })
  })
  return compileSnapshot(aSnapshot({ mappings }))
}

function requestsFor(count: number): RequestFacts[] {
  return Array.from({ length: 512 }, (_, number) => {
    const index = (number * 7_919) % count
    const target = [
      `/api/v2/resource-${index}/list`,
      `/api/v2/resource-${index}/42?page=2`,
      `/shop/section-${index}/item/7`,
    ][index % 3]
    return factsOf({
      method: 'GET',
      host: 'api.example',
      target: target ?? '/',
      headers: [['cookie', `theme=dark; uid=user-${number}`]],
      clientIp: '192.0.2.1',
      entropy: 0,
      now: 0,
    })
  })
}

function nanosecondsPerCall(routing: RoutingTable, requests: readonly RequestFacts[]): number {
  let mapped = 0
  const started = process.hrtime.bigint()
  for (let call = 0; call < calls; call++) {
    const facts = requests[call & 511]
    if (facts && decide(routing, facts).kind === 'mapped') mapped++
  }
  const spent = Number(process.hrtime.bigint() - started)
  if (mapped !== calls) throw new Error(`Only ${mapped} of ${calls} were mapped`)
  return spent / calls
}

/** `decide` per call at 10 and at 10 000 mappings, alternating so that noise falls on both. */
export function decideBench(): string {
  const sizes = [10, 10_000].map((count) => ({
    count,
    routing: tableOf(count),
    requests: requestsFor(count),
    best: Infinity,
  }))
  for (let round = 0; round < 7; round++) {
    for (const size of sizes) size.best = Math.min(size.best, nanosecondsPerCall(size.routing, size.requests))
  }
  const [small, large] = sizes
  const ratio = (large?.best ?? Number.NaN) / (small?.best ?? Number.NaN)
  return [
    '## `decide` per call (best of 7 rounds)',
    '',
    table([
      ['mappings', 'ns per call'],
      ...sizes.map(({ count, best }) => [String(count), best.toFixed(0)]),
      ['ratio', ratio.toFixed(2)],
    ]),
  ].join('\n')
}
