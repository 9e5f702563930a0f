import { segmentCreateSchema, segmentInputSchema, segmentViewSchema } from '@crossfade/contracts/api/segments'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { crudRoutes } from './crud.ts'

export function segmentRoutes(app: App, { acts }: HttpParts): void {
  crudRoutes(app, {
    one: 'Segment',
    many: 'Segments',
    path: '/segments',
    tag: 'segments',
    kind: 'segment',
    permissions: { create: 'segment.edit', update: 'segment.edit', remove: 'segment.edit' },
    create: segmentCreateSchema,
    update: segmentInputSchema,
    view: segmentViewSchema,
    acts: acts.segments,
  })
}
