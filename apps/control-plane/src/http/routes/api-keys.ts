import { apiKeyCreatedSchema, apiKeyInputSchema, apiKeyParamsSchema } from '@crossfade/contracts/api/api-keys'
import { idParamsSchema } from '@crossfade/contracts/api/common'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'

export function apiKeyRoutes(app: App, { acts }: HttpParts): void {
  const tags = ['environments']
  app.post(
    '/environments/:id/api-keys',
    {
      config: { permission: 'environment.edit', environment: 'params', idempotency: false },
      schema: {
        operationId: 'createApiKey',
        summary: 'Make an API key for callers; it is shown in this answer only',
        tags,
        params: idParamsSchema,
        body: apiKeyInputSchema,
        response: { 201: apiKeyCreatedSchema },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await acts.apiKeys.create(authorOf(request), request.params.id, request.body)),
  )
  app.delete(
    '/environments/:id/api-keys/:keyId',
    {
      config: { permission: 'environment.edit', environment: 'params' },
      schema: {
        operationId: 'revokeApiKey',
        summary: 'Revoke an API key; agents refuse it within moments',
        tags,
        params: apiKeyParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await acts.apiKeys.revoke(authorOf(request), request.params.id, request.params.keyId)
      return reply.code(204).send()
    },
  )
}
