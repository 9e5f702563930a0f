import { z } from 'zod'
import { idSchema } from '@crossfade/contracts/entities'
import { linkPath } from '@crossfade/contracts/link'
import { livePath } from '@crossfade/contracts/live'
import { apiPrefix } from '@crossfade/contracts/api/common'
import { Problem } from '@crossfade/contracts/problems'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { principalOf } from '../plumbing/author.ts'
import type { Feeds } from '../plumbing/feeds.ts'

const liveQuerySchema = z.strictObject({ environmentId: idSchema.default('default') })

/** Both WebSockets. Who may open one was decided before the upgrade, so a stranger gets a problem document. */
export function socketRoutes(app: App, { link, live }: HttpParts, feeds: Feeds): void {
  app.get(
    linkPath.slice(apiPrefix.length),
    { websocket: true, config: { permission: 'agent' } },
    (socket, request) => {
      if (!request.agent) throw new Problem('unauthenticated')
      link.accept(socket, request.agent)
    },
  )
  app.get(
    livePath.slice(apiPrefix.length),
    {
      websocket: true,
      config: { permission: 'read', environment: 'query' },
      schema: { querystring: liveQuerySchema },
    },
    (socket, request) => {
      live.accept(socket, {
        environmentId: request.query.environmentId,
        until: feeds.until(principalOf(request)),
      })
    },
  )
}
