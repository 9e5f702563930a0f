import type { BreakerState, ShedCount } from '@crossfade/contracts/link'
import type { Guards } from './guards.ts'

/** As much as a heartbeat takes. */
const most = { breakers: 1000, shed: 200 } as const

/** What people see of the guards on a mapping's page: breakers that are not closed, and what was kept away. */
export function protectionReport(guards: Pick<Guards, 'breakers' | 'counts'>): {
  readonly breakers: BreakerState[]
  readonly shed: ShedCount[]
} {
  const breakers = guards
    .breakers()
    .flatMap(({ mappingId, side, state }) => (state === 'closed' ? [] : [{ mappingId, side, state }]))
  const shed = guards
    .counts()
    .map(({ mappingId, what, count }) => ({ mappingId: mappingId === '' ? null : mappingId, what, count }))
    .toSorted((a, b) => b.count - a.count)
  return { breakers: breakers.slice(0, most.breakers), shed: shed.slice(0, most.shed) }
}
