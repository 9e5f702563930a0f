import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'
import { cameThroughLocalDoor } from '../local-door.ts'
import type { App } from './app.ts'
import { createWindows, secondsLeft } from './windows.ts'

/** Calls a minute: far above what people and their tools do, far below what hurts. */
export const apiLimits = { principal: 1200, address: 300 } as const
const windowMs = 60_000

/**
 * Whoever calls too often waits, on each replica by itself, and is told so before it happens (draft-ietf-httpapi-
 * ratelimit-headers-10). Known callers count by who they are, others by their address. A roll back never waits, nor
 * does an agent, nor whoever owns the data directory.
 */
export function limitCalls(api: App, clock: Clock): void {
  const windows = createWindows(clock, windowMs)
  api.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { permission, clientCertificate } = request.routeOptions.config
    // An agent that joins has a throttle of its own: a whole fleet may start at once behind one address.
    if (
      clientCertificate ||
      permission === 'rollback' ||
      permission === 'agent' ||
      cameThroughLocalDoor(request.raw)
    )
      return
    const by = request.principal === null ? 'address' : 'principal'
    const { principal } = request
    const window = windows.of(principal === null ? request.ip : `${principal.kind}/${principal.id}`)
    window.count += 1
    const limit = apiLimits[by]
    const seconds = secondsLeft(window, clock)
    reply.header('ratelimit-policy', `"${by}";q=${limit};w=${windowMs / 1000}`)
    reply.header('ratelimit', `"${by}";r=${Math.max(0, limit - window.count)};t=${seconds}`)
    if (window.count > limit) throw new Problem('rate_limited', { extra: { retryAfter: seconds } })
  })
}
