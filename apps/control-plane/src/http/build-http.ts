import websocket from '@fastify/websocket'
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { apiPrefix } from '@crossfade/contracts/api/common'
import { maxFrameBytes } from '@crossfade/contracts/link'
import { every } from '@crossfade/runtime/clock'
import type { HttpParts } from './http-parts.ts'
import { limitCalls } from './plumbing/api-limits.ts'
import type { App } from './plumbing/app.ts'
import { requireClientCertificates } from './plumbing/client-certificate.ts'
import { serveDashboard } from './plumbing/dashboard.ts'
import { createFeeds } from './plumbing/feeds.ts'
import { watchFrontDoor } from './plumbing/front-door.ts'
import { guard } from './plumbing/guard.ts'
import { keepAnswers, pruneAnswers } from './plumbing/idempotency.ts'
import { bodyLimit, readJsonBodies } from './plumbing/json-body.ts'
import { observeProcess, observeRequests } from './plumbing/observe.ts'
import { describeApi, serveDocs } from './plumbing/openapi.ts'
import { answerProbes } from './plumbing/probes.ts'
import { replyWithProblem } from './plumbing/problem-reply.ts'
import { requestIdOf } from './plumbing/request-id.ts'
import { watchRoutes, type RouteEntry } from './plumbing/route-table.ts'
import { forbidCaching, setSecurityHeaders } from './plumbing/security-headers.ts'
import { useSessions } from './plumbing/session-cookie.ts'
import { createSignInThrottle, forJoins } from './plumbing/sign-in-throttle.ts'
import { validate } from './plumbing/validate.ts'
import { createFinder } from './plumbing/whereabouts.ts'
import { agentIdentityRoutes, agentRoutes, agentTokenRoutes } from './routes/agents.ts'
import { changeRoutes } from './routes/changes.ts'
import { cohortRoutes } from './routes/cohorts.ts'
import { documentRoutes } from './routes/document.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { environmentRoutes } from './routes/environments.ts'
import { explainRoutes } from './routes/explain.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { governanceRoutes } from './routes/governance.ts'
import { groupRoutes } from './routes/groups.ts'
import { linkRoutes } from './routes/links.ts'
import { localRoutes } from './routes/local.ts'
import { mappingRoutes } from './routes/mappings.ts'
import { rampRoutes } from './routes/ramps.ts'
import { segmentRoutes } from './routes/segments.ts'
import { serviceRoutes } from './routes/services.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { snapshotRoutes } from './routes/snapshot.ts'
import { socketRoutes } from './routes/sockets.ts'
import { statsRoutes } from './routes/stats.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { pruneAssertions } from '../store/agent-credentials.ts'

const pruneEveryMs = 3_600_000

export interface Http {
  readonly app: App
  /** Every route of the API, for tests that go through them all. */
  readonly routes: readonly RouteEntry[]
}

/** The whole HTTP side of the control plane, ready to listen or to be asked by a test. */
export async function buildHttp(parts: HttpParts): Promise<Http> {
  const { people, store, clock, logger, metrics, settings } = parts
  const app = openApp(parts)
  parts.tls?.follow(app.server)
  app.setValidatorCompiler(validate)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(replyWithProblem)
  observeRequests(app, metrics, clock)
  observeProcess(metrics, parts.version)
  await setSecurityHeaders(app, settings.publicUrl)
  await describeApi(app, settings.publicUrl)
  await app.register(websocket, {
    options: { maxPayload: maxFrameBytes.toControlPlane, perMessageDeflate: false },
  })
  watchFrontDoor(app, settings.publicUrl)

  const feeds = createFeeds(people, clock, logger)
  const dropLinks = people.onEnded((ended) => {
    if (ended.kind === 'agent-token') parts.link.dropToken(ended.id)
  })
  const forgetAgents = parts.fleet.onEnded((agentId) => people.agents.forget(agentId))
  const stopPruning = every(
    clock,
    pruneEveryMs,
    () => prune(parts),
    (error) => logger.warn({ err: error }, 'Expired sessions and kept answers could not be deleted'),
  )
  app.addHook('onClose', async () => {
    dropLinks()
    forgetAgents()
    stopPruning()
    feeds.stop()
  })

  let routes: readonly RouteEntry[] = []
  await app.register(
    async (api: App) => {
      routes = watchRoutes(api)
      forbidCaching(api)
      readJsonBodies(api)
      await useSessions(api, people.sessions, settings.publicUrl)
      if (parts.tls?.wantsClientCertificates) requireClientCertificates(api)
      guard(api, people, createFinder(store, parts.publisher), settings.publicUrl)
      limitCalls(api, clock)
      keepAnswers(api, store, clock)
      sessionRoutes(api, parts, createSignInThrottle(clock))
      linkRoutes(api, parts)
      localRoutes(api, parts)
      environmentRoutes(api, parts)
      apiKeyRoutes(api, parts)
      serviceRoutes(api, parts)
      mappingRoutes(api, parts)
      groupRoutes(api, parts)
      rampRoutes(api, parts)
      governanceRoutes(api, parts)
      approvalRoutes(api, parts)
      segmentRoutes(api, parts)
      cohortRoutes(api, parts)
      agentRoutes(api, parts)
      agentIdentityRoutes(api, parts, createSignInThrottle(clock, forJoins))
      agentTokenRoutes(api, parts)
      webhookRoutes(api, parts)
      changeRoutes(api, parts)
      userRoutes(api, parts)
      tokenRoutes(api, parts)
      statsRoutes(api, parts)
      explainRoutes(api, parts)
      snapshotRoutes(api, parts)
      documentRoutes(api)
      socketRoutes(api, parts, feeds)
    },
    { prefix: apiPrefix },
  )

  answerProbes(app, store, metrics)
  await serveDocs(app)
  await serveDashboard(app, parts, routes)
  await app.ready()
  return { app, routes }
}

function openApp({ tls, logger }: HttpParts): App {
  const options = {
    loggerInstance: logger as FastifyBaseLogger,
    // Its lines name raw paths, which may hold a one-time token; observeRequests writes ours.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (raw: { headers: Record<string, string | string[] | undefined> }) =>
      requestIdOf(raw.headers['x-request-id']),
    requestIdHeader: false as const,
    bodyLimit,
    frameworkErrors: replyWithProblem,
    forceCloseConnections: true,
    requestTimeout: 60_000,
    ...(tls && { https: tls.options() }),
  }
  return Fastify(options).withTypeProvider<ZodTypeProvider>()
}

async function prune({ people, store, clock }: HttpParts): Promise<void> {
  await people.sessions.prune()
  await pruneAnswers(store, clock)
  await store.transaction((db) => pruneAssertions(db, new Date(clock.now())))
}
