import { createHash } from 'node:crypto'
import type { explainInputSchema, Explanation } from '@crossfade/contracts/api/preview'
import { readTarget } from '@crossfade/core/canonical-path'
import { explain } from '@crossfade/core/explain'
import { factsOf, headersOfText } from '@crossfade/core/facts'
import type { Decision, RequestFacts } from '@crossfade/core/model'
import { rewriteTarget } from '@crossfade/core/rewrite'
import type { RoutingTable } from '@crossfade/core/routing-table'
import type { z } from 'zod'

const keyHeader = 'x-crossfade-key'

/** What this agent would do with such a request, and why; the shape the control plane's `explain` has too. */
export function explainRequest(
  table: RoutingTable,
  input: z.output<typeof explainInputSchema>,
): Omit<Explanation, 'environmentId'> {
  const { host, target } = splitUrl(input.url)
  const { paths } = table.snapshot.environment
  const reading = readTarget(target, paths)
  const revision = table.snapshot.revision
  const nothing = { mapping: null, side: null, service: null, forwarded: null, candidates: [] }
  if (reading.kind === 'ambiguous' && paths.ambiguous === 'refuse') {
    const because = `The path can be read two ways (${reading.why}), so the answer is 400.`
    return { ...nothing, revision, outcome: 'refused', because, reason: { kind: reading.why } }
  }

  const headers = headersOfText(input.headers)
  const key = headers.find(([name]) => name.toLowerCase() === keyHeader)?.[1]
  const hostHeader = headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const facts = factsOf({
    method: input.method,
    host: host ?? hostHeader ?? '',
    target,
    headers,
    clientIp: input.clientIp,
    entropy: input.entropy,
    callerDigest: key === undefined ? null : createHash('sha256').update(key, 'latin1').digest('hex'),
  })
  const { decision, because, candidates } = explain(table, facts)
  return {
    ...nothing,
    ...outcomeOf(table, facts, decision),
    revision,
    outcome: decision.kind,
    because,
    candidates: candidates.map(({ mapping, lostBy }) => ({ id: mapping.id, name: mapping.name, lostBy })),
  }
}

function outcomeOf(
  table: RoutingTable,
  facts: RequestFacts,
  decision: Decision,
): Pick<Explanation, 'service' | 'forwarded' | 'reason'> & Partial<Pick<Explanation, 'mapping' | 'side'>> {
  const received = facts.query === '' ? facts.receivedPath : `${facts.receivedPath}?${facts.query}`
  switch (decision.kind) {
    case 'no-default-service':
      return { service: null, forwarded: null, reason: null }
    case 'default':
      return {
        service: serviceOf(table, decision.serviceId),
        forwarded: `${facts.method} ${received}`,
        reason: null,
      }
    case 'mapped': {
      const { mapping, side, reason, params } = decision
      const target = rewriteTarget(mapping[side], {
        match: mapping.match,
        params,
        path: facts.receivedPath,
        query: facts.query,
      })
      return {
        mapping: { id: mapping.id, name: mapping.name },
        side,
        service: serviceOf(table, mapping[side].serviceId),
        forwarded: `${facts.method} ${target}`,
        reason,
      }
    }
  }
}

function serviceOf(table: RoutingTable, id: string): Explanation['service'] {
  const service = table.snapshot.services.find((one) => one.id === id)
  return service ? { id, name: service.name } : null
}

/** Absolute form names its host; a path leaves it to the Host header. The target keeps its bytes. */
function splitUrl(url: string): { readonly host: string | null; readonly target: string } {
  const [, host, target] = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(url) ?? []
  if (host === undefined) return { host: null, target: url.startsWith('/') ? url : `/${url}` }
  return { host, target: target === undefined || !target.startsWith('/') ? `/${target ?? ''}` : target }
}
