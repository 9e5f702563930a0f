import { z } from 'zod'
import { idParamsSchema, pageOf, pageQuerySchema } from '@crossfade/contracts/api/common'
import {
  inviteCreatedSchema,
  inviteInputSchema,
  roleSchema,
  userUpdateSchema,
  userViewSchema,
} from '@crossfade/contracts/api/people'
import { permissions, roles } from '@crossfade/contracts/roles'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'

const rolesSchema = z.object({
  roles: z.array(roleSchema),
  /** The least role for each permission, and whether it is of an environment, the installation or oneself. */
  permissions: z.record(
    z.string(),
    z.object({ role: roleSchema, of: z.enum(['environment', 'installation', 'self']) }),
  ),
})

export function userRoutes(app: App, { people }: HttpParts): void {
  const tags = ['users']
  const { users } = people
  app.get(
    '/roles',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'listRoles',
        summary: 'Which role may do what',
        tags,
        response: { 200: rolesSchema },
      },
    },
    async () => ({ roles: [...roles], permissions }),
  )
  app.get(
    '/users',
    {
      config: { permission: 'user.manage' },
      schema: {
        operationId: 'listUsers',
        summary: 'List people',
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageOf(userViewSchema) },
      },
    },
    async (request) => users.list(request.query),
  )
  app.post(
    '/users',
    {
      config: { permission: 'user.manage', idempotency: false },
      schema: {
        operationId: 'inviteUser',
        summary: 'Invite a person; the link is shown in this answer only',
        tags,
        body: inviteInputSchema,
        response: { 201: inviteCreatedSchema },
      },
    },
    async (request, reply) => reply.code(201).send(await users.invite(authorOf(request), request.body)),
  )
  app.post(
    '/users/:id/invite',
    {
      config: { permission: 'user.manage', idempotency: false },
      schema: {
        operationId: 'inviteUserAgain',
        summary: 'A new link for somebody who lost theirs or their password',
        tags,
        params: idParamsSchema,
        response: { 201: inviteCreatedSchema },
      },
    },
    async (request, reply) => {
      return reply.code(201).send(await users.inviteAgain(authorOf(request), request.params.id))
    },
  )
  app.put(
    '/users/:id',
    {
      config: { permission: 'user.manage' },
      schema: {
        operationId: 'updateUser',
        summary: 'Change name or rights of a person, or disable them; If-Match names the version',
        tags,
        params: idParamsSchema,
        body: userUpdateSchema,
        response: { 200: userViewSchema },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const view = await users.update(authorOf(request), request.params.id, version, request.body)
      setETag(reply, view.version)
      return view
    },
  )
  app.delete(
    '/users/:id',
    {
      config: { permission: 'user.manage' },
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete a person; If-Match names the version',
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await users.remove(authorOf(request), request.params.id, ifMatchOf(request))
      return reply.code(204).send()
    },
  )
}
