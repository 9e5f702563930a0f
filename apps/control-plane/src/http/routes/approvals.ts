import {
  approvalCreateSchema,
  approvalInputSchema,
  approvalsQuerySchema,
  approvalViewSchema,
  declineSchema,
  pointOfNoReturnSchema,
  voteSchema,
} from '@crossfade/contracts/api/approvals'
import { idParamsSchema, pageOf } from '@crossfade/contracts/api/common'
import { whereaboutsOf } from '../../store/environment-of.ts'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf, authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'

const environment = { of: 'approval' } as const
const tags = ['approvals']

/** Changes that wait until people agree. Votes are people's: a program may ask, and not answer. */
export function approvalRoutes(app: App, { acts: { approvals }, store }: HttpParts): void {
  app.get(
    '/approvals',
    {
      config: { permission: 'read', environment: 'list' },
      schema: {
        operationId: 'listApprovals',
        summary: 'The inbox; `status=open` is what waits for somebody',
        tags,
        querystring: approvalsQuerySchema,
        response: { 200: pageOf(approvalViewSchema) },
      },
    },
    async (request) => {
      const { environmentId: _in, ...query } = request.query
      return await approvals.list({ ...query, among: amongOf(request) })
    },
  )

  app.get(
    '/approvals/:id',
    {
      config: { permission: 'read', environment },
      schema: {
        operationId: 'getApproval',
        summary: 'One request, with its votes; its version is the ETag, which votes name',
        tags,
        params: idParamsSchema,
        response: { 200: approvalViewSchema },
      },
    },
    async ({ params }, reply) => {
      const approval = await approvals.get(params.id)
      setETag(reply, approval.version)
      return approval
    },
  )

  app.post(
    '/approvals',
    {
      config: { permission: 'approval.request', environment: 'body' },
      schema: {
        operationId: 'requestApproval',
        summary: 'Ask people to agree on a change, which is applied when enough did',
        tags,
        body: approvalCreateSchema,
        response: { 201: approvalViewSchema },
      },
    },
    async (request, reply) => {
      const approval = await approvals.request(authorOf(request), request.body)
      setETag(reply, approval.version)
      return reply.code(201).header('location', `${app.prefix}/approvals/${approval.id}`).send(approval)
    },
  )

  app.put(
    '/approvals/:id',
    {
      config: { permission: 'approval.request', environment },
      schema: {
        operationId: 'editApproval',
        summary: 'Ask for something else; votes are forgotten. If-Match names the version this is based on',
        tags,
        params: idParamsSchema,
        body: approvalInputSchema,
        response: { 200: approvalViewSchema },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const approval = await approvals.edit(authorOf(request), request.params.id, version, request.body)
      setETag(reply, approval.version)
      return approval
    },
  )

  app.post(
    '/approvals/:id/approve',
    {
      config: { permission: 'approval.decide', environment },
      schema: {
        operationId: 'approve',
        summary: 'Agree on the version in If-Match; the last of enough votes applies the change',
        tags,
        params: idParamsSchema,
        body: voteSchema.default({}),
        response: { 200: approvalViewSchema },
      },
    },
    async (request) => {
      const { params, body } = request
      return approvals.vote(authorOf(request), params.id, ifMatchOf(request), 'approve', body.reason ?? '')
    },
  )

  app.post(
    '/approvals/:id/decline',
    {
      config: { permission: 'approval.decide', environment },
      schema: {
        operationId: 'decline',
        summary: 'Say no, and why; one vote against ends the request',
        tags,
        params: idParamsSchema,
        body: declineSchema,
        response: { 200: approvalViewSchema },
      },
    },
    async (request) => {
      const { params, body } = request
      return approvals.vote(authorOf(request), params.id, ifMatchOf(request), 'decline', body.reason)
    },
  )

  app.post(
    '/approvals/:id/apply',
    {
      config: { permission: 'approval.decide', environment },
      schema: {
        operationId: 'applyApproved',
        summary: 'Apply what was agreed on while something else was in the way',
        tags,
        params: idParamsSchema,
        response: { 200: approvalViewSchema },
      },
    },
    async (request) => approvals.apply(authorOf(request), request.params.id),
  )

  app.post(
    '/approvals/:id/cancel',
    {
      config: { permission: 'approval.request', environment },
      schema: {
        operationId: 'cancelApproval',
        summary: 'Take a request back',
        tags,
        params: idParamsSchema,
        response: { 200: approvalViewSchema },
      },
    },
    async (request) => approvals.cancel(authorOf(request), request.params.id),
  )

  for (const [kind, path, operationId] of [
    ['mapping', '/mappings/:id', 'requestMappingPointOfNoReturn'],
    ['group', '/groups/:id', 'requestGroupPointOfNoReturn'],
  ] as const) {
    app.post(
      `${path}/point-of-no-return`,
      {
        config: { permission: 'point-of-no-return.request', environment: { of: kind } },
        schema: {
          operationId,
          summary: `Ask people to agree that the data of a ${kind} has moved; If-Match names its version`,
          tags,
          params: idParamsSchema,
          body: pointOfNoReturnSchema,
          response: { 202: approvalViewSchema },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const ifVersion = ifMatchOf(request)
        const found = await store.read((db) => whereaboutsOf(db, kind, id))
        const approval = await approvals.request(authorOf(request), {
          environmentId: found?.environmentId ?? 'default',
          change: { act: 'point-of-no-return', target: { kind, id }, ifVersion },
          reason: request.body.reason,
        })
        setETag(reply, approval.version)
        return reply.code(202).header('location', `${app.prefix}/approvals/${approval.id}`).send(approval)
      },
    )
  }
}
