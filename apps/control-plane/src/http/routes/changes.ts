import { z } from 'zod'
import {
  auditVerificationInputSchema,
  auditVerificationSchema,
  changeSchema,
  changesQuerySchema,
} from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf } from '../plumbing/author.ts'

const seqParamsSchema = z.strictObject({ seq: z.coerce.number().int().min(1) })

export function changeRoutes(app: App, { acts, audit }: HttpParts): void {
  const tags = ['changes']
  app.get(
    '/changes',
    {
      config: { permission: 'read', environment: 'list' },
      schema: {
        operationId: 'listChanges',
        summary: 'The audit trail, newest first',
        tags,
        querystring: changesQuerySchema,
        response: { 200: pageOf(changeSchema) },
      },
    },
    async (request) => acts.changes.list({ ...request.query, among: amongOf(request) }),
  )
  app.get(
    '/changes/:seq',
    {
      config: { permission: 'read', environment: { of: 'change' } },
      schema: {
        operationId: 'getChange',
        summary: 'Read one change',
        tags,
        params: seqParamsSchema,
        response: { 200: changeSchema },
      },
    },
    async (request) => acts.changes.get(request.params.seq),
  )
  app.post(
    '/changes/verification',
    {
      config: { permission: 'audit.verify' },
      schema: {
        operationId: 'verifyChanges',
        summary: 'Read the whole audit trail and name the first bad row',
        tags,
        body: auditVerificationInputSchema,
        response: { 200: auditVerificationSchema },
      },
    },
    async (request) => audit.verify(request.body.checkpoints),
  )
}
