import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { HealthCheck } from '@crossfade/core/model'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { InstancePool } from './instance-pool.ts'

/** Asks once; true for an answer of 200…399 within the time limit. Never rejects. */
export function probe(pool: InstancePool, check: HealthCheck, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const send = pool.url.protocol === 'https:' ? httpsRequest : httpRequest
    const asking = send(pool.url, {
      path: check.path,
      agent: pool.agent,
      headers: { host: pool.authority, 'user-agent': 'crossfade-health-check', accept: '*/*' },
    })
    const cancel = clock.after(check.timeoutMs, () => asking.destroy(new Error('health check timed out')))
    const settle = (healthy: boolean) => {
      cancel()
      resolve(healthy)
    }
    asking.on('response', (answer) => {
      const status = answer.statusCode ?? 0
      settle(status >= 200 && status < 400)
      // Only the status matters; the rest of the answer is not worth reading.
      asking.destroy()
    })
    asking.on('error', () => settle(false))
    asking.on('close', () => settle(false))
    asking.end()
  })
}

/**
 * Asks now and then every `intervalMs` after the last answer; `onChange` hears when enough answers in a row
 * say the opposite of `healthy` so far. The answer stops it.
 */
export function watchHealth(parts: {
  readonly check: HealthCheck
  readonly clock: Clock
  readonly ask: () => Promise<boolean>
  readonly healthy: boolean
  readonly onChange: (healthy: boolean) => void
}): () => void {
  const { check, clock, ask, onChange } = parts
  let healthy = parts.healthy
  let against = 0
  let stopped = false

  const once = async () => {
    const answer = await ask()
    if (stopped) return
    against = answer === healthy ? 0 : against + 1
    if (against < (healthy ? check.unhealthyAfter : check.healthyAfter)) return
    healthy = answer
    against = 0
    onChange(healthy)
  }

  void once()
  const stop = every(clock, check.intervalMs, once, () => {})
  return () => {
    stopped = true
    stop()
  }
}
