import { groupCreateSchema, groupUpdateSchema, groupViewSchema } from '@crossfade/contracts/api/groups'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { crudRoutes } from './crud.ts'
import { shareRoutes } from './share.ts'

export function groupRoutes(app: App, parts: HttpParts): void {
  crudRoutes(app, {
    one: 'Group',
    many: 'Groups',
    path: '/groups',
    tag: 'groups',
    kind: 'group',
    permissions: { create: 'group.edit', update: 'group.edit', remove: 'group.edit' },
    create: groupCreateSchema,
    update: groupUpdateSchema,
    view: groupViewSchema,
    acts: parts.acts.groups,
  })
  shareRoutes(app, parts, 'group')
}
