import { z } from 'zod'
import { changeSchema, changesQuerySchema } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'

const seqParamsSchema = z.strictObject({ seq: z.coerce.number().int().min(1) })

export function changeRoutes(app: App, { acts }: HttpParts): void {
  const tags = ['changes']
  app.get(
    '/changes',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listChanges',
        summary: 'The audit trail, newest first',
        tags,
        querystring: changesQuerySchema,
        response: { 200: pageOf(changeSchema) },
      },
    },
    async (request) => acts.changes.list(request.query),
  )
  app.get(
    '/changes/:seq',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'getChange',
        summary: 'Read one change',
        tags,
        params: seqParamsSchema,
        response: { 200: changeSchema },
      },
    },
    async (request) => acts.changes.get(request.params.seq),
  )
}
