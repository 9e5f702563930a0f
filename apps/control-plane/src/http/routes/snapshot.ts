import { z } from 'zod'
import { idSchema } from '@crossfade/contracts/entities'
import { Problem } from '@crossfade/contracts/problems'
import { snapshotFileSchema } from '@crossfade/contracts/snapshot'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'

const querySchema = z.strictObject({ environmentId: idSchema.default('default') })

export function snapshotRoutes(app: App, { publisher }: HttpParts): void {
  app.get(
    '/snapshot',
    {
      config: { permission: 'agent.manage', environment: 'query' },
      schema: {
        operationId: 'getSnapshot',
        summary: 'The signed snapshot of an environment, as a file a new agent may start from',
        tags: ['agents'],
        querystring: querySchema,
        response: { 200: snapshotFileSchema },
      },
    },
    async (request) => {
      const published = await publisher.newest(request.query.environmentId)
      if (!published) throw new Problem('not_found', { detail: 'There is no such environment' })
      return { format: 1 as const, keys: publisher.keys, snapshot: published.whole }
    },
  )
}
