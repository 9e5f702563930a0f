import type { FastifyRequest } from 'fastify'
import { idParamsSchema } from '@crossfade/contracts/api/common'
import {
  administratorsSchema,
  environmentInputSchema,
  environmentRollbackInputSchema,
  environmentRollbackSchema,
  environmentViewSchema,
} from '@crossfade/contracts/api/environments'
import { can } from '@crossfade/contracts/roles'
import { administratorNames } from '../../store/access.ts'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf, principalOf } from '../plumbing/author.ts'
import { forbidden } from '../plumbing/forbidden.ts'
import { crudRoutes } from './crud.ts'

/** Enough to find one of them in the office. */
const namesShown = 3

export function environmentRoutes(app: App, { acts, rollBack, store }: HttpParts): void {
  /** Names are unique over all environments, so who may not see them all must not try names out. */
  const refuseRenaming = async (request: FastifyRequest, id: string, input: { readonly name: string }) => {
    const { access } = principalOf(request)
    if (can(access, 'environment.manage', null)) return
    const { name } = await acts.environments.get(id)
    if (name !== input.name) throw forbidden('environment.manage', null)
  }

  crudRoutes(app, {
    one: 'Environment',
    many: 'Environments',
    path: '/environments',
    tag: 'environments',
    kind: 'environment',
    permissions: { create: 'environment.manage', update: 'environment.edit', remove: 'environment.manage' },
    mayUpdate: refuseRenaming,
    create: environmentInputSchema,
    update: environmentInputSchema,
    view: environmentViewSchema,
    acts: acts.environments,
  })

  app.post(
    '/environments/:id/rollback',
    {
      config: { permission: 'rollback', environment: 'params', idempotency: false },
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

  app.get(
    '/environments/:id/administrators',
    {
      config: { permission: 'read', environment: 'params' },
      schema: {
        operationId: 'listAdministrators',
        summary: 'Who can help somebody whose role is too low: a few names',
        tags: ['environments'],
        params: idParamsSchema,
        response: { 200: administratorsSchema },
      },
    },
    async (request) => store.read((db) => administratorNames(db, request.params.id, namesShown)),
  )
}
