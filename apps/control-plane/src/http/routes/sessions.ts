import { z } from 'zod'
import {
  meSchema,
  passwordChangeSchema,
  sessionViewSchema,
  signInSchema,
} from '@crossfade/contracts/api/people'
import { pageOf } from '@crossfade/contracts/api/common'
import { meOf } from '../../people/principal.ts'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { authorOf, principalOf } from '../plumbing/author.ts'
import { endSession, startSession } from '../plumbing/session-cookie.ts'
import type { SignInThrottle } from '../plumbing/sign-in-throttle.ts'

const sessionParamsSchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{64}$/) })

export function sessionRoutes(app: App, { people, settings }: HttpParts, throttle: SignInThrottle): void {
  const tags = ['session']
  app.post(
    '/session',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in; the session is in a cookie',
        tags,
        body: signInSchema,
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const { email, password } = request.body
      throttle.enter(request.ip, email)
      const principal = await people.users.signIn(email, password)
      throttle.succeeded(request.ip, email)
      await startSession(request, principal)
      return meOf(principal)
    },
  )
  app.get(
    '/session',
    {
      config: { permission: 'account.own' },
      schema: { operationId: 'getSession', summary: 'Who am I', tags, response: { 200: meSchema } },
    },
    async (request) => meOf(principalOf(request)),
  )
  app.delete(
    '/session',
    {
      config: { permission: 'account.own', personOnly: true },
      schema: { operationId: 'signOut', summary: 'Sign out', tags, response: { 204: noContent } },
    },
    async (request, reply) => {
      await endSession(request, reply, settings.publicUrl)
      return reply.code(204).send()
    },
  )
  app.get(
    '/sessions',
    {
      config: { permission: 'account.own', personOnly: true },
      schema: {
        operationId: 'listSessions',
        summary: 'Where I am signed in',
        tags,
        response: { 200: pageOf(sessionViewSchema) },
      },
    },
    async (request) => {
      const { id, sessionId } = principalOf(request)
      return { items: await people.sessions.list(id, sessionId), nextCursor: null }
    },
  )
  app.delete(
    '/sessions',
    {
      config: { permission: 'account.own', personOnly: true },
      schema: {
        operationId: 'signOutElsewhere',
        summary: 'Sign out everywhere but here',
        tags,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { id, sessionId } = principalOf(request)
      await people.sessions.endAll(id, sessionId)
      return reply.code(204).send()
    },
  )
  app.delete(
    '/sessions/:id',
    {
      config: { permission: 'account.own', personOnly: true },
      schema: {
        operationId: 'endSession',
        summary: 'Sign out in one other place',
        tags,
        params: sessionParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await people.sessions.endOne(principalOf(request).id, request.params.id)
      return reply.code(204).send()
    },
  )
  app.put(
    '/account/password',
    {
      config: { permission: 'account.own', personOnly: true, idempotency: false },
      schema: {
        operationId: 'changePassword',
        summary: 'Change my password; all my sessions end, and this one goes on under a new cookie',
        tags,
        body: passwordChangeSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const person = principalOf(request)
      throttle.enter(request.ip, person.id)
      await people.users.changePassword(authorOf(request), person, request.body)
      throttle.succeeded(request.ip, person.id)
      await startSession(request, person)
      return reply.code(204).send()
    },
  )
}
