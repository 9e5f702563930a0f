import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { idParamsSchema, listQuerySchema, pageOf } from '@crossfade/contracts/api/common'
import type { Permission } from '@crossfade/contracts/roles'
import type { Author } from '../../store/author.ts'
import type { ObjectKind } from '../../store/environment-of.ts'
import type { ListQuery } from '../../store/page.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf, authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'
import { noContent } from '../plumbing/answers.ts'

/** What the acts on one kind of thing look like from here. */
export interface CrudActs<Create, Update, View> {
  list(query: ListQuery): Promise<{ items: View[]; nextCursor: string | null }>
  get(id: string): Promise<View>
  create(author: Author, input: Create): Promise<View>
  update(author: Author, id: string, ifVersion: number, input: Update): Promise<View>
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

interface Versioned {
  readonly id: string
  readonly version: number
}

/** List, read, create, replace and delete, alike for everything that is defined by people. */
export function crudRoutes<Create, Update, View extends Versioned>(
  app: App,
  kind: {
    /** In operation ids: `listServices`, `getService`. */
    readonly one: string
    readonly many: string
    readonly path: string
    readonly tag: string
    /** What `:id` names; of an environment itself that is the environment. */
    readonly kind: ObjectKind | 'environment'
    readonly permissions: Readonly<Record<'create' | 'update' | 'remove', Permission>> & {
      /** Where it takes more than `read` to see them. */
      readonly read?: Permission
    }
    /** Throws when this caller may not make this change of what they may otherwise update. */
    readonly mayUpdate?: (request: FastifyRequest, id: string, input: Update) => Promise<void>
    readonly create: z.ZodType<Create>
    readonly update: z.ZodType<Update>
    readonly view: z.ZodType<View>
    /** The answer of creating, where it says more: what is shown once, and not kept for an Idempotency-Key. */
    readonly created?: z.ZodType<View>
    readonly acts: CrudActs<Create, Update, View>
  },
): void {
  const view: z.ZodType<Versioned> = kind.view
  const { one, many, path, tag, permissions, acts } = kind
  const environment = kind.kind === 'environment' ? 'params' : { of: kind.kind }
  const noun = one.toLowerCase()
  const tags = [tag]

  app.get(
    path,
    {
      config: { permission: permissions.read ?? 'read', environment: 'list' },
      schema: {
        operationId: `list${many}`,
        summary: `List ${many.toLowerCase()}`,
        tags,
        querystring: listQuerySchema,
        response: { 200: pageOf(view) },
      },
    },
    async (request) => acts.list({ ...request.query, among: amongOf(request) }),
  )

  app.get(
    `${path}/:id`,
    {
      config: { permission: permissions.read ?? 'read', environment },
      schema: {
        operationId: `get${one}`,
        summary: `Read one ${noun}; its version is the ETag`,
        tags,
        params: idParamsSchema,
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const stored = await acts.get(request.params.id)
      setETag(reply, stored.version)
      return stored
    },
  )

  app.post(
    path,
    {
      config: {
        permission: permissions.create,
        ...(kind.kind !== 'environment' && { environment: 'body' }),
        ...(kind.created && { idempotency: false }),
      },
      schema: {
        operationId: `create${one}`,
        summary: `Create a ${noun}`,
        tags,
        body: kind.create,
        response: { 201: kind.created ?? view },
      },
    },
    async (request, reply) => {
      const stored = await acts.create(authorOf(request), request.body as Create)
      setETag(reply, stored.version)
      return reply.code(201).header('location', `${app.prefix}${path}/${stored.id}`).send(stored)
    },
  )

  app.put(
    `${path}/:id`,
    {
      config: { permission: permissions.update, environment },
      schema: {
        operationId: `update${one}`,
        summary: `Replace a ${noun}; If-Match names the version this is based on`,
        tags,
        params: idParamsSchema,
        body: kind.update,
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const input = request.body as Update
      await kind.mayUpdate?.(request, request.params.id, input)
      const stored = await acts.update(authorOf(request), request.params.id, version, input)
      setETag(reply, stored.version)
      return stored
    },
  )

  app.delete(
    `${path}/:id`,
    {
      config: { permission: permissions.remove, environment },
      schema: {
        operationId: `delete${one}`,
        summary: `Delete a ${noun}; If-Match names the version this is based on`,
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await acts.remove(authorOf(request), request.params.id, ifMatchOf(request))
      return reply.code(204).send()
    },
  )
}
