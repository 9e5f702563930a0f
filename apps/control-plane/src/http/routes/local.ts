import { z } from 'zod'
import { Problem } from '@crossfade/contracts/problems'
import type { HttpParts } from '../http-parts.ts'
import { cameThroughLocalDoor } from '../local-door.ts'
import type { App } from '../plumbing/app.ts'

/** What only somebody with access to the data directory may ask: `crossfade admin link`. */
export function localRoutes(app: App, { people }: HttpParts): void {
  app.post(
    '/local/link',
    {
      config: { permission: 'user.manage', idempotency: false },
      schema: {
        operationId: 'createLocalLink',
        summary:
          'A one-time link for the first administrator, or to sign in as one; only on the local socket',
        tags: ['links'],
        body: z.strictObject({}),
        response: { 200: z.object({ link: z.string(), expiresAt: z.iso.datetime() }) },
      },
    },
    async (request) => {
      if (!cameThroughLocalDoor(request.raw)) throw new Problem('not_found')
      const purpose = (await people.hasAdministrator()) ? 'sign-in' : 'first-administrator'
      const { url, expiresAt } = await people.issueLink(purpose)
      return { link: url, expiresAt: expiresAt.toISOString() }
    },
  )
}
