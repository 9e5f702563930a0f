import { idParamsSchema, pageOf, pageQuerySchema } from '@crossfade/contracts/api/common'
import {
  apiTokenCreatedSchema,
  apiTokenInputSchema,
  apiTokenViewSchema,
} from '@crossfade/contracts/api/people'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'

export function tokenRoutes(app: App, { people }: HttpParts): void {
  const tags = ['tokens']
  const { apiTokens } = people
  app.get(
    '/tokens',
    {
      config: { permission: 'token.manage' },
      schema: {
        operationId: 'listTokens',
        summary: 'List API tokens, also revoked ones',
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageOf(apiTokenViewSchema) },
      },
    },
    async (request) => apiTokens.list(request.query),
  )
  app.post(
    '/tokens',
    {
      config: { permission: 'token.manage', idempotency: false },
      schema: {
        operationId: 'createToken',
        summary: 'Create an API token; it is shown in this answer only',
        tags,
        body: apiTokenInputSchema,
        response: { 201: apiTokenCreatedSchema },
      },
    },
    async (request, reply) => reply.code(201).send(await apiTokens.create(authorOf(request), request.body)),
  )
  app.delete(
    '/tokens/:id',
    {
      config: { permission: 'token.manage' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke an API token',
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await apiTokens.revoke(authorOf(request), request.params.id)
      return reply.code(204).send()
    },
  )
}
