import { z } from 'zod'
import {
  agentCredentialSchema,
  agentJoinSchema,
  agentRenewSchema,
  joinPath,
  renewPath,
} from '@crossfade/contracts/agent-identity'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import {
  agentRevokeSchema,
  agentTokenCreatedSchema,
  agentTokenInputSchema,
  agentTokenViewSchema,
  agentViewSchema,
} from '@crossfade/contracts/api/agents'
import { apiPrefix, idParamsSchema, listQuerySchema, pageOf } from '@crossfade/contracts/api/common'
import { idSchema } from '@crossfade/contracts/entities'
import { Problem } from '@crossfade/contracts/problems'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf, authorOf } from '../plumbing/author.ts'
import type { SignInThrottle } from '../plumbing/sign-in-throttle.ts'

const emergencyParamsSchema = z.strictObject({ id: idSchema, emergencyId: idSchema })

export function agentRoutes(app: App, { fleet }: HttpParts): void {
  const tags = ['agents']
  app.get(
    '/agents',
    {
      config: { permission: 'read', environment: 'list' },
      schema: {
        operationId: 'listAgents',
        summary: 'The fleet: every agent with what it really runs',
        tags,
        querystring: listQuerySchema,
        response: { 200: pageOf(agentViewSchema) },
      },
    },
    async (request) => ({ items: await fleet.views(amongOf(request)), nextCursor: null }),
  )
  app.get(
    '/agents/:id',
    {
      config: { permission: 'read', environment: { of: 'agent' } },
      schema: {
        operationId: 'getAgent',
        summary: 'Read one agent',
        tags,
        params: idParamsSchema,
        response: { 200: agentViewSchema },
      },
    },
    async (request) => fleet.view(request.params.id),
  )
  app.delete(
    '/agents/:id',
    {
      config: { permission: 'agent.manage', environment: { of: 'agent' } },
      schema: {
        operationId: 'retireAgent',
        summary: 'Take an agent off the list; its link ends within seconds, and its credentials with it',
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await fleet.retire(authorOf(request), request.params.id)
      return reply.code(204).send()
    },
  )
  app.post(
    '/agents/:id/revoke',
    {
      config: { permission: 'agent.manage', environment: { of: 'agent' } },
      schema: {
        operationId: 'revokeAgent',
        summary: 'Revoke an agent: its link ends within seconds, and it comes back only with a newer token',
        tags,
        params: idParamsSchema,
        body: agentRevokeSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await fleet.revoke(authorOf(request), request.params.id, request.body.reason ?? null)
      return reply.code(204).send()
    },
  )
  app.post(
    '/agents/:id/emergencies/:emergencyId/clear',
    {
      config: { permission: 'emergency.clear', environment: { of: 'agent' } },
      schema: {
        operationId: 'clearEmergency',
        summary: 'End a break-glass roll back of one agent',
        tags,
        params: emergencyParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { id, emergencyId } = request.params
      await fleet.clearEmergency(authorOf(request), id, emergencyId)
      return reply.code(204).send()
    },
  )
}

/** How agents come in; every other route knows people. */
export function agentIdentityRoutes(app: App, { people }: HttpParts, throttle: SignInThrottle): void {
  const tags = ['agents']
  app.post(
    joinPath.slice(apiPrefix.length),
    {
      config: { permission: 'public', clientCertificate: true, idempotency: false },
      schema: {
        operationId: 'joinAgent',
        summary: 'Trade a token for a credential: enrols the public half of a key that the agent made',
        tags,
        body: agentJoinSchema,
        response: { 200: agentCredentialSchema },
      },
    },
    async (request) => {
      const { id } = agentTokenParts(request.body.token)
      throttle.enter(request.ip, id)
      const joined = await people.agents.join(request.body, request.id)
      throttle.succeeded(request.ip, id)
      return joined
    },
  )
  app.post(
    renewPath.slice(apiPrefix.length),
    {
      config: { permission: 'agent', agentPurpose: 'renew', idempotency: false },
      schema: {
        operationId: 'renewAgent',
        summary:
          'Enrol the next key; the one before stays good until this one was used, and ten minutes more',
        tags,
        body: agentRenewSchema,
        response: { 200: agentCredentialSchema },
      },
    },
    async (request) => {
      if (!request.agent) throw new Problem('unauthenticated')
      return people.agents.renew(request.agent, request.body, request.id)
    },
  )
}

export function agentTokenRoutes(app: App, { people }: HttpParts): void {
  const tags = ['agent-tokens']
  const { agentTokens } = people
  app.get(
    '/agent-tokens',
    {
      config: { permission: 'agent.manage', environment: 'list' },
      schema: {
        operationId: 'listAgentTokens',
        summary: 'List agent tokens, also revoked ones',
        tags,
        querystring: listQuerySchema,
        response: { 200: pageOf(agentTokenViewSchema) },
      },
    },
    async (request) => agentTokens.list({ ...request.query, among: amongOf(request) }),
  )
  app.post(
    '/agent-tokens',
    {
      config: { permission: 'agent.manage', environment: 'body', idempotency: false },
      schema: {
        operationId: 'createAgentToken',
        summary: 'Create a token that lets agents join an environment; it is shown in this answer only',
        tags,
        body: agentTokenInputSchema,
        response: { 201: agentTokenCreatedSchema },
      },
    },
    async (request, reply) => {
      return reply.code(201).send(await agentTokens.create(authorOf(request), request.body))
    },
  )
  app.delete(
    '/agent-tokens/:id',
    {
      config: { permission: 'agent.manage', environment: { of: 'agent-token' } },
      schema: {
        operationId: 'revokeAgentToken',
        summary: 'Revoke an agent token; agents that joined with it lose their links within seconds',
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await agentTokens.revoke(authorOf(request), request.params.id)
      return reply.code(204).send()
    },
  )
}
