import type { AdminRoute } from './router.ts'
import { describe, readiness, type Condition } from './readiness.ts'

/** For orchestrators: alive, and ready for traffic. All that the health-only port has. */
export function healthRoutes(condition: () => Condition): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      access: 'open',
      handle: () => ({ body: { status: 'alive' } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'open',
      handle({ query }) {
        const now = condition()
        const { ready, checks } = readiness(now)
        const failing = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`)
        const short = { status: ready ? 'ready' : 'not ready', ...(failing.length > 0 && { failing }) }
        return { status: ready ? 200 : 503, body: query.has('verbose') ? describe(now) : short }
      },
    },
  ]
}
