import { idParamsSchema, pageOf, pageQuerySchema } from '@crossfade/contracts/api/common'
import {
  deliveryViewSchema,
  webhookCreatedSchema,
  webhookCreateSchema,
  webhookRotateSchema,
  webhookUpdateSchema,
  webhookViewSchema,
} from '@crossfade/contracts/api/webhooks'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'
import { crudRoutes } from './crud.ts'

export function webhookRoutes(app: App, { webhooks }: HttpParts): void {
  const permission = 'webhook.manage'
  const tags = ['webhooks']
  const ofWebhook = { permission, environment: { of: 'webhook' } } as const
  crudRoutes(app, {
    one: 'Webhook',
    many: 'Webhooks',
    path: '/webhooks',
    tag: 'webhooks',
    kind: 'webhook',
    permissions: { read: permission, create: permission, update: permission, remove: permission },
    create: webhookCreateSchema,
    update: webhookUpdateSchema,
    view: webhookViewSchema,
    created: webhookCreatedSchema,
    acts: webhooks,
  })
  app.post(
    '/webhooks/:id/rotate',
    {
      config: { ...ofWebhook, idempotency: false },
      schema: {
        operationId: 'rotateWebhook',
        summary:
          'Make a new signing secret, shown in this answer only; those before sign beside it for a while',
        tags,
        params: idParamsSchema,
        body: webhookRotateSchema,
        response: { 200: webhookCreatedSchema },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const rotated = await webhooks.rotate(authorOf(request), request.params.id, version, request.body)
      setETag(reply, rotated.version)
      return rotated
    },
  )
  app.post(
    '/webhooks/:id/test',
    {
      config: { ...ofWebhook, idempotency: false },
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a test at once; the answer says what the receiver said',
        tags,
        params: idParamsSchema,
        response: { 200: deliveryViewSchema },
      },
    },
    async (request) => webhooks.test(authorOf(request), request.params.id),
  )
  app.get(
    '/webhooks/:id/deliveries',
    {
      config: ofWebhook,
      schema: {
        operationId: 'listDeliveries',
        summary: 'List what was sent, is waiting or was given up, newest first; kept for 30 days',
        tags,
        params: idParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: pageOf(deliveryViewSchema) },
      },
    },
    async (request) => webhooks.deliveries(request.params.id, request.query),
  )
  app.post(
    '/deliveries/:id/redeliver',
    {
      config: { permission, environment: { of: 'delivery' } },
      schema: {
        operationId: 'redeliver',
        summary: 'Send a message once more, with the same webhook-id',
        tags,
        params: idParamsSchema,
        response: { 200: deliveryViewSchema },
      },
    },
    async (request) => webhooks.redeliver(authorOf(request), request.params.id),
  )
}
