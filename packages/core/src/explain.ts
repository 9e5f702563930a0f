import { decide } from './decide.ts'
import { fits } from './match.ts'
import type { Decision, Mapping, Reason, RequestFacts, Side } from './model.ts'
import { advantageOf, type Advantage } from './precedence.ts'
import type { CompiledMapping, RoutingTable } from './routing-table.ts'

export interface Explained {
  readonly decision: Decision
  /** One sentence a person understands. */
  readonly because: string
  /** Every mapping that fits, best first; `lostBy` says what put it behind the winner. */
  readonly candidates: readonly { readonly mapping: Mapping; readonly lostBy: string | null }[]
}

/** The same decision as `decide`, in words. */
export function explain(table: RoutingTable, facts: RequestFacts): Explained {
  const decision = decide(table, facts)
  const candidates = table.mappings.filter(({ match }) => fits(match, facts))
  const winner = candidates[0]
  return {
    decision,
    because: sentence(table, decision),
    candidates: candidates.map((candidate) => ({
      mapping: candidate.mapping,
      lostBy: winner && candidate !== winner ? lossOf(winner, candidate) : null,
    })),
  }
}

function sentence(table: RoutingTable, decision: Decision): string {
  switch (decision.kind) {
    case 'no-default-service':
      return 'No mapping matches, and there is no default service for this host, so the answer is 404.'
    case 'default': {
      const service = table.snapshot.services.find(({ id }) => id === decision.serviceId)
      return `No mapping matches, so the request goes untouched to the default service ${service?.name ?? decision.serviceId}.`
    }
    case 'mapped':
      return `${cause(table, decision.mapping, decision.reason, decision.side)}, so ${decision.side}.`
  }
}

function cause(table: RoutingTable, mapping: Mapping, reason: Reason, side: Side): string {
  switch (reason.kind) {
    case 'point-of-no-return':
      return `The data of ${mapping.name} has moved (point of no return)`
    case 'write-phase':
      return `This is a write, and writes of ${mapping.name} are in phase ${reason.phase}`
    case 'forced':
      return `An allowed caller asked for ${side} with a ${reason.by}`
    case 'segment': {
      const segment = table.snapshot.segments.find(({ id }) => id === reason.segmentId)
      return `The request is in the segment ${segment?.name ?? reason.segmentId}`
    }
    case 'nobody':
      return table.rolledBack.has(mapping.id) ? `${mapping.name} is rolled back` : 'The share is 0 %'
    case 'everybody':
      return 'The share is 100 %'
    case 'bucket':
      return bucketCause(reason)
    case 'missing-identity':
      return `The request does not say who asks, and then legacy answers (the share is ${percent(reason.share)})`
  }
}

function bucketCause({ bucket, share, sticky }: Extract<Reason, { kind: 'bucket' }>): string {
  const drawn = sticky ? 'bucket' : 'drawn for this request alone, bucket'
  const relation = bucket < share ? 'is below' : 'is not below'
  const start = `${drawn.charAt(0).toUpperCase()}${drawn.slice(1)}`
  return `${start} ${grouped(bucket)} ${relation} ${grouped(share)}, the share of ${percent(share)}`
}

function lossOf(winner: CompiledMapping, loser: CompiledMapping): string {
  const by = advantageOf(winner, loser)
  return by === null ? 'it is the same mapping' : `${winner.mapping.name} ${LOSSES[by]}`
}

const LOSSES: Record<Advantage, string> = {
  host: 'has the more exact host',
  'longer wildcard': 'has the longer host wildcard',
  'path kind': 'has the more exact kind of path',
  'more literal segments': 'has more literal segments',
  'leftmost literal': 'has a literal segment further left',
  position: 'stands earlier among the regexes',
  'fewer methods': 'is for fewer methods',
  'smaller id': 'has the smaller id',
}

function percent(share: number): string {
  return `${share / 100} %`
}

/** 1234 → 1 234, with a space that does not break. */
function grouped(number: number): string {
  return String(number).replace(/(\d)(?=(\d{3})+$)/g, '$1\u00a0')
}
