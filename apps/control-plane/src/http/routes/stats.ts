import { z } from 'zod'
import {
  clientsQuerySchema,
  clientsViewSchema,
  overviewSchema,
  pathsQuerySchema,
  pathsViewSchema,
  seriesQuerySchema,
  seriesViewSchema,
} from '@crossfade/contracts/api/series'
import { idSchema } from '@crossfade/contracts/entities'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'

const overviewQuerySchema = z.strictObject({
  environmentId: idSchema.default('default'),
  minutes: z.coerce.number().int().min(1).max(60).default(15),
})

export function statsRoutes(app: App, { series }: HttpParts): void {
  const tags = ['stats']
  app.get(
    '/stats/series',
    {
      config: { permission: 'read', environment: 'mapping-in-query' },
      schema: {
        operationId: 'getSeries',
        summary: 'Counts and latencies of both sides over a span',
        tags,
        querystring: seriesQuerySchema,
        response: { 200: seriesViewSchema },
      },
    },
    async (request) => series.series(request.query),
  )
  app.get(
    '/stats/overview',
    {
      config: { permission: 'read', environment: 'query' },
      schema: {
        operationId: 'getOverview',
        summary: 'The last minutes of every mapping',
        tags,
        querystring: overviewQuerySchema,
        response: { 200: overviewSchema },
      },
    },
    async (request) => series.overview(request.query),
  )
  app.get(
    '/stats/clients',
    {
      config: { permission: 'read', environment: 'mapping-in-query' },
      schema: {
        operationId: 'getClients',
        summary: 'Both sides of a mapping by kind of client',
        tags,
        querystring: clientsQuerySchema,
        response: { 200: clientsViewSchema },
      },
    },
    async (request) => series.clients(request.query),
  )
  app.get(
    '/stats/paths',
    {
      config: { permission: 'read', environment: 'mapping-in-query' },
      schema: {
        operationId: 'getPaths',
        summary: 'The busiest paths of unmapped traffic or inside a mapping, and those refused',
        tags,
        querystring: pathsQuerySchema,
        response: { 200: pathsViewSchema },
      },
    },
    async (request) => series.paths(request.query),
  )
}
