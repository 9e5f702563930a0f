import { z } from 'zod'
import {
  agentTokenCreatedSchema,
  agentTokenInputSchema,
  agentTokenViewSchema,
  agentViewSchema,
} from '@crossfade/contracts/api/agents'
import { idParamsSchema, listQuerySchema, pageOf } from '@crossfade/contracts/api/common'
import { idSchema } from '@crossfade/contracts/entities'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf, authorOf } from '../plumbing/author.ts'

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
        summary: 'Take an agent that is gone off the list',
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
        summary: 'Create a token for agents of one environment; it is shown in this answer only',
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
        summary: 'Revoke an agent token; its agents lose their links within seconds',
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
