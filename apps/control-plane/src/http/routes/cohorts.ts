import { cohortSchema } from '@crossfade/contracts/api/cohorts'
import { idParamsSchema, listQuerySchema, pageOf } from '@crossfade/contracts/api/common'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf } from '../plumbing/author.ts'

export function cohortRoutes(app: App, { acts }: HttpParts): void {
  const tags = ['cohorts']
  app.get(
    '/cohorts',
    {
      config: { permission: 'read', environment: 'list' },
      schema: {
        operationId: 'listCohorts',
        summary: 'List cohorts with who uses them',
        tags,
        querystring: listQuerySchema,
        response: { 200: pageOf(cohortSchema) },
      },
    },
    async (request) => acts.cohorts.list({ ...request.query, among: amongOf(request) }),
  )
  app.get(
    '/cohorts/:id',
    {
      config: { permission: 'read', environment: { of: 'cohort' } },
      schema: {
        operationId: 'getCohort',
        summary: 'Read one cohort',
        tags,
        params: idParamsSchema,
        response: { 200: cohortSchema },
      },
    },
    async (request) => acts.cohorts.get(request.params.id),
  )
}
