import { explainInputSchema, explanationSchema } from '@crossfade/contracts/api/preview'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'

export function explainRoutes(app: App, { acts }: HttpParts): void {
  app.post(
    '/explain',
    {
      config: { permission: 'explain', environment: 'body', idempotency: false },
      schema: {
        operationId: 'explain',
        summary: 'Where a request would go, and why',
        tags: ['explain'],
        body: explainInputSchema,
        response: { 200: explanationSchema },
      },
    },
    async (request) => acts.previews.explain(request.body),
  )
}
