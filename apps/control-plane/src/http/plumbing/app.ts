import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Permission } from '@crossfade/contracts/roles'
import type { AgentIdentity } from '../../people/agents.ts'
import type { Principal } from '../../people/principal.ts'
import type { Among } from '../../store/page.ts'
import type { EnvironmentSource } from './whereabouts.ts'

/** Fastify whose schemas are zod. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** A permission of the one table, anybody at all, or an agent that proves who it is. */
export type RoutePermission = Permission | 'public' | 'agent'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call this. Every route of the API says so, or the program does not start. */
    readonly permission?: RoutePermission
    /** How the environment is found in which that permission is needed. */
    readonly environment?: EnvironmentSource
    /** True for what only a person has: a password, sessions. */
    readonly personOnly?: true
    /** True where agents that have no credential yet call, who may have to show a certificate (CROSSFADE_CLIENT_CA). */
    readonly clientCertificate?: true
    /** What an agent's assertion must be for; `link` if absent. */
    readonly agentPurpose?: 'link' | 'renew'
    /** False where a stored answer would be wrong: it holds a secret, or must not wait for the database. */
    readonly idempotency?: false
  }
  interface FastifyRequest {
    /** Null on public routes for a caller without credentials. */
    principal: Principal | null
    /** On a list: the environments whose objects the caller may have in it. */
    among: Among | null
    /** Set on routes for agents only. */
    agent: AgentIdentity | null
    /** The reserved Idempotency-Key whose answer is to be kept. */
    idempotencyKey: string | null
  }
  interface Session {
    userId?: string
    userAgent?: string
    principal?: Principal
  }
}
