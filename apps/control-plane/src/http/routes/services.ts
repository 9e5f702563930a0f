import { serviceCreateSchema, serviceInputSchema, serviceViewSchema } from '@crossfade/contracts/api/services'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { crudRoutes } from './crud.ts'

export function serviceRoutes(app: App, { acts }: HttpParts): void {
  crudRoutes(app, {
    one: 'Service',
    many: 'Services',
    path: '/services',
    tag: 'services',
    kind: 'service',
    permissions: { create: 'service.edit', update: 'service.edit', remove: 'service.edit' },
    create: serviceCreateSchema,
    update: serviceInputSchema,
    view: serviceViewSchema,
    acts: acts.services,
  })
}
