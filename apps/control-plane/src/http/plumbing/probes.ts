import type { Registry } from '@prometheus-io/client'
import type { Store } from '../../store/store.ts'
import type { App } from './app.ts'

/** What orchestrators and Prometheus ask, without credentials. */
export function answerProbes(app: App, store: Store, metrics: Registry): void {
  // Is the process alive? Nothing outside of it may make this fail, or an outage would restart us too.
  app.get('/healthz', async () => ({ status: 'ok' }))

  app.get('/readyz', async (_request, reply) => {
    const isReady = await store.isReady()
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', database: isReady })
  })

  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
