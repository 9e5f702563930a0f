import { idParamsSchema } from '@crossfade/contracts/api/common'
import {
  freezeCreateSchema,
  freezeInputSchema,
  freezeViewSchema,
  governanceViewSchema,
  lineInputSchema,
  protectionSchema,
} from '@crossfade/contracts/api/freezes'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'
import { crudRoutes } from './crud.ts'

/** Freezes, stop-the-line and protection: what raises of an environment meet (rule 21). */
export function governanceRoutes(app: App, { acts }: HttpParts): void {
  const tags = ['governance']

  crudRoutes(app, {
    one: 'Freeze',
    many: 'Freezes',
    path: '/freezes',
    tag: 'governance',
    kind: 'freeze',
    permissions: { create: 'freeze.edit', update: 'freeze.edit', remove: 'freeze.edit' },
    create: freezeCreateSchema,
    update: freezeInputSchema,
    view: freezeViewSchema,
    acts: acts.freezes,
  })

  app.get(
    '/environments/:id/governance',
    {
      config: { permission: 'read', environment: 'params' },
      schema: {
        operationId: 'getGovernance',
        summary:
          'Whether raises are possible now, and what they need; the version of the protection is the ETag',
        tags,
        params: idParamsSchema,
        response: { 200: governanceViewSchema },
      },
    },
    async ({ params }, reply) => {
      const governance = await acts.governance.get(params.id)
      setETag(reply, governance.version)
      return governance
    },
  )

  app.put(
    '/environments/:id/line',
    {
      config: { permission: 'line.stop', environment: 'params' },
      schema: {
        operationId: 'setLine',
        summary: 'Stop the line, with a reason: no raises until it is lifted; or let it run again',
        tags,
        params: idParamsSchema,
        body: lineInputSchema,
        response: { 200: governanceViewSchema },
      },
    },
    async (request, reply) => {
      const governance = await acts.governance.setLine(authorOf(request), request.params.id, request.body)
      setETag(reply, governance.version)
      return governance
    },
  )

  app.put(
    '/environments/:id/protection',
    {
      config: { permission: 'environment.edit', environment: 'params' },
      schema: {
        operationId: 'setProtection',
        summary: 'Say which raises need approvals, and how many; If-Match names the version this is based on',
        tags,
        params: idParamsSchema,
        body: protectionSchema,
        response: { 200: governanceViewSchema },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const version = ifMatchOf(request)
      const governance = await acts.governance.setProtection(authorOf(request), params.id, version, body)
      setETag(reply, governance.version)
      return governance
    },
  )
}
