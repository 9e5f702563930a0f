import {
  mappingCreateSchema,
  mappingUpdateSchema,
  mappingViewSchema,
} from '@crossfade/contracts/api/mappings'
import { mappingPreviewInputSchema, mappingPreviewSchema } from '@crossfade/contracts/api/preview'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { crudRoutes } from './crud.ts'
import { shareRoutes } from './share.ts'

export function mappingRoutes(app: App, parts: HttpParts): void {
  const { acts } = parts
  crudRoutes(app, {
    one: 'Mapping',
    many: 'Mappings',
    path: '/mappings',
    tag: 'mappings',
    kind: 'mapping',
    permissions: { create: 'mapping.edit', update: 'mapping.edit', remove: 'mapping.edit' },
    create: mappingCreateSchema,
    update: mappingUpdateSchema,
    view: mappingViewSchema,
    acts: acts.mappings,
  })

  app.post(
    '/mappings/preview',
    {
      config: { permission: 'read', environment: 'body', idempotency: false },
      schema: {
        operationId: 'previewMapping',
        summary: 'What saving this mapping would overlap and whom it would move',
        tags: ['mappings'],
        body: mappingPreviewInputSchema,
        response: { 200: mappingPreviewSchema },
      },
    },
    async (request) => acts.previews.mapping(request.body),
  )

  shareRoutes(app, parts, 'mapping')
}
