import { z } from 'zod'
import { acceptLinkSchema, linkInfoSchema, meSchema } from '@crossfade/contracts/api/people'
import { meOf } from '../../people/principal.ts'
import type { HttpParts } from '../http-parts.ts'
import type { App } from '../plumbing/app.ts'
import { startSession } from '../plumbing/session-cookie.ts'

const token = acceptLinkSchema.shape.token
const tokenSchema = z.strictObject({ token })

/** Whoever holds a link may use it, once. Guessing one is hopeless, so nothing here is throttled but hashing. */
export function linkRoutes(app: App, { people }: HttpParts): void {
  const tags = ['links']
  // A question, but not a GET: the token would be in the address, and addresses are logged by every proxy.
  app.post(
    '/links/inspect',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'inspectLink',
        summary: 'What a one-time link is for; the link stays unused',
        tags,
        body: tokenSchema,
        response: { 200: linkInfoSchema },
      },
    },
    async (request) => people.links.info(request.body.token),
  )
  app.post(
    '/links/accept',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'acceptLink',
        summary: 'Make the account a link was issued for, and sign in',
        tags,
        body: acceptLinkSchema,
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const principal = await people.links.accept(request.body, request.id)
      await startSession(request, principal)
      return meOf(principal)
    },
  )
  app.post(
    '/links/sign-in',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'signInWithLink',
        summary: 'Sign in with a one-time link',
        tags,
        body: tokenSchema,
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const principal = await people.links.signIn(request.body.token, request.id)
      await startSession(request, principal)
      return meOf(principal)
    },
  )
}
