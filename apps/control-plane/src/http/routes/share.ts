import { idParamsSchema } from '@crossfade/contracts/api/common'
import { rollbackInputSchema, shareInputSchema, shareResultSchema } from '@crossfade/contracts/api/mappings'
import { sharePreviewInputSchema, sharePreviewSchema } from '@crossfade/contracts/api/preview'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'

/** The slider and the way back, the same for a mapping and for a group. */
export function shareRoutes(app: App, { acts, rollBack }: HttpParts, kind: 'mapping' | 'group'): void {
  const path = kind === 'mapping' ? '/mappings/:id' : '/groups/:id'
  const name = kind === 'mapping' ? 'Mapping' : 'Group'
  const environment = { of: kind } as const
  const tags = [kind === 'mapping' ? 'mappings' : 'groups']

  app.put(
    `${path}/share`,
    {
      config: { permission: 'share.change', environment },
      schema: {
        operationId: `set${name}Share`,
        summary: `Set the share of a ${kind}; If-Match names the share's version`,
        tags,
        params: idParamsSchema,
        body: shareInputSchema,
        response: { 200: shareResultSchema },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const { params, body } = request
      const result = await acts.shares.set(authorOf(request), kind, params.id, version, body)
      setETag(reply, result.shareVersion)
      return result
    },
  )

  app.post(
    `${path}/share/preview`,
    {
      config: { permission: 'read', environment, idempotency: false },
      schema: {
        operationId: `preview${name}Share`,
        summary: `Who would move if a ${kind} had this share`,
        tags,
        params: idParamsSchema,
        body: sharePreviewInputSchema,
        response: { 200: sharePreviewSchema },
      },
    },
    async ({ params, body }) => acts.previews.share(kind, params.id, body.percent),
  )

  app.post(
    `${path}/rollback`,
    {
      // Needs no version and no stored answer: it is idempotent, and must work with the database away (rule 19).
      config: { permission: 'rollback', environment, idempotency: false },
      schema: {
        operationId: `rollBack${name}`,
        summary: `Share of a ${kind} to 0, now`,
        tags,
        params: idParamsSchema,
        body: rollbackInputSchema.default({}),
        response: { 200: shareResultSchema },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const author = authorOf(request)
      const result = await (kind === 'mapping'
        ? rollBack.mapping(author, params.id, body)
        : rollBack.group(author, params.id, body))
      setETag(reply, result.shareVersion)
      return result
    },
  )
}
