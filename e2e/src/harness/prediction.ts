import { snapshotFileSchema } from '@crossfade/contracts/snapshot'
import { decide } from '@crossfade/core/decide'
import { factsOf } from '@crossfade/core/facts'
import type { Environment, Group, Mapping, Segment, Service, Side, Snapshot } from '@crossfade/core/model'
import { compileSnapshot, type RoutingTable } from '@crossfade/core/routing-table'
import type { ApiClient } from 'crossfade/api-client'

/** The table agents route by, from the snapshot file the control plane gives out. */
export async function currentTable(api: ApiClient): Promise<RoutingTable> {
  const { snapshot } = await api.call('GET', '/api/v1/snapshot?environmentId=default', snapshotFileSchema)
  const of = <T>(kind: string) =>
    snapshot.entries.filter((entry) => entry.kind === kind).map((entry) => JSON.parse(entry.bytes) as T)
  const header = JSON.parse(snapshot.header) as { epoch: string; revision: number }
  const [environment] = of<Environment>('environment')
  if (environment === undefined) throw new Error('The snapshot names no environment')
  const whole: Snapshot = {
    epoch: header.epoch,
    revision: header.revision,
    environment,
    services: of<Service>('service'),
    mappings: of<Mapping>('mapping'),
    groups: of<Group>('group'),
    segments: of<Segment>('segment'),
  }
  return compileSnapshot(whole)
}

/** The side `decide` gives this request; null where no mapping matches. */
export function predictedSide(
  table: RoutingTable,
  request: {
    readonly method: string
    readonly host: string
    readonly target: string
    readonly headers: Record<string, string>
  },
): Side | null {
  const decision = decide(
    table,
    factsOf({
      ...request,
      headers: Object.entries(request.headers),
      clientIp: '127.0.0.1',
      entropy: 0,
      now: 0,
    }),
  )
  return decision.kind === 'mapped' ? decision.side : null
}
