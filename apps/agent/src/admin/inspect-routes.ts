import { createHash } from 'node:crypto'
import { explainInputSchema } from '@crossfade/contracts/api/preview'
import { Problem } from '@crossfade/contracts/problems'
import { explainRequest } from '@crossfade/core/explain-request'
import type { RoutingTable } from '@crossfade/core/routing-table'
import type { Configuration } from '../config/configuration.ts'
import type { Emergencies } from '../emergency/emergencies.ts'
import type { Witness } from '../witness/witness.ts'
import { parseInput } from './parse-input.ts'
import type { AdminRoute } from './router.ts'

/** What this agent really does, for people who look (rule 29). */
export function inspectRoutes(parts: {
  readonly configuration: Configuration
  readonly emergencies: Emergencies
  readonly witness: Witness
}): readonly AdminRoute[] {
  const { configuration, emergencies } = parts
  const inForce = () => {
    const now = configuration.slot.current()
    if (!now) throw new Problem('no_configuration')
    return now
  }
  return [
    {
      method: 'GET',
      path: '/snapshot',
      access: 'token',
      handle() {
        const { header, table } = inForce()
        return {
          body: {
            source: configuration.source(),
            header,
            overlays: configuration.overlays(),
            emergencies: emergencies.list(),
            rolledBack: rolledBackNames(table),
            snapshot: table.snapshot,
          },
        }
      },
    },
    {
      method: 'GET',
      path: '/audit-checkpoint',
      access: 'token',
      handle: () => ({ body: { checkpoint: parts.witness.newest() } }),
    },
    {
      method: 'POST',
      path: '/explain',
      access: 'token',
      async handle({ json }) {
        const input = parseInput(explainInputSchema, await json())
        return { body: explainRequest(inForce().table, input, sha256) }
      },
    },
  ]
}

/** Of the bytes as on the wire. */
function sha256(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex')
}

function rolledBackNames(table: RoutingTable): string[] {
  return [...table.rolledBack].flatMap((id) => table.byId.get(id)?.mapping.name ?? [])
}
