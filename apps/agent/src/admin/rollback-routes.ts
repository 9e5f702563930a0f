import { Problem } from '@crossfade/contracts/problems'
import { z } from 'zod'
import type { Configuration } from '../config/configuration.ts'
import type { Emergencies } from '../emergency/emergencies.ts'
import { overlayOf, selectTargets } from '../emergency/select-targets.ts'
import { parseInput } from './parse-input.ts'
import type { AdminRoute } from './router.ts'

const names = z.array(z.string().min(1).max(80)).max(1000).default([])
const inputSchema = z
  .strictObject({
    /** Names or ids of mappings or groups. */
    names,
    mappings: names,
    groups: names,
    all: z.boolean().default(false),
    reason: z.string().trim().max(500).default(''),
    by: z.string().trim().min(1).max(200).default('admin port'),
  })
  .refine(
    (input) => input.all || input.names.length + input.mappings.length + input.groups.length > 0,
    'Name mappings or groups, or say all',
  )

/** Break glass: with no control plane at all, this agent can still be sent back to legacy (rule 19). */
export function rollbackRoutes(parts: {
  readonly configuration: Configuration
  readonly emergencies: Emergencies
}): readonly AdminRoute[] {
  const { configuration, emergencies } = parts
  return [
    {
      method: 'GET',
      path: '/rollback',
      access: 'token',
      handle: () => ({ body: { items: emergencies.list() } }),
    },
    {
      method: 'POST',
      path: '/rollback',
      access: 'token',
      async handle({ json }) {
        const input = parseInput(inputSchema, await json())
        const base = configuration.base()
        if (!base) throw new Problem('no_configuration')
        const targets = selectTargets(base.snapshot, input)
        const overlay = overlayOf(base.snapshot, targets)
        const emergency = await emergencies.add({ overlay, by: input.by, reason: input.reason })
        return {
          status: 201,
          body: {
            ...emergency,
            mappings: targets.mappings.map(({ id, name }) => ({ id, name })),
            groups: targets.groups.map(({ id, name }) => ({ id, name })),
            skipped: targets.skipped.map(({ id, name }) => ({ id, name, reason: 'point of no return' })),
          },
        }
      },
    },
    {
      method: 'DELETE',
      path: '/rollback/:id',
      access: 'token',
      async handle({ id }) {
        if (!(await emergencies.clear(id))) throw new Problem('not_found')
        return { body: { cleared: id } }
      },
    },
  ]
}
