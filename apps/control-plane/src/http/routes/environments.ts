import { idParamsSchema } from '@crossfade/contracts/api/common'
import {
  environmentInputSchema,
  environmentRollbackInputSchema,
  environmentRollbackSchema,
  environmentViewSchema,
} from '@crossfade/contracts/api/environments'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'
import { crudRoutes } from './crud.ts'

export function environmentRoutes(app: App, { acts, rollBack }: HttpParts): void {
  crudRoutes(app, {
    one: 'Environment',
    many: 'Environments',
    path: '/environments',
    tag: 'environments',
    edit: 'environment.edit',
    create: environmentInputSchema,
    update: environmentInputSchema,
    view: environmentViewSchema,
    acts: acts.environments,
  })

  app.post(
    '/environments/:id/rollback',
    {
      config: { permission: 'rollback', idempotency: false },
      schema: {
        operationId: 'rollBackEnvironment',
        summary: 'The kill switch: every share of an environment to 0, now',
        tags: ['environments'],
        params: idParamsSchema,
        body: environmentRollbackInputSchema.default({}),
        response: { 200: environmentRollbackSchema },
      },
    },
    async (request) =>
      rollBack.environment(authorOf(request), request.params.id, { reason: request.body.reason }),
  )
}
