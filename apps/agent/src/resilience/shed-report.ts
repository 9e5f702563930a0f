import type { ShedCount } from '@crossfade/contracts/link'
import type { Guards } from './guards.ts'

/** As much as a heartbeat takes. */
const most = 200

/** What was refused or sent elsewhere to protect something, for a mapping's page; the most first. */
export function shedReport(guards: Pick<Guards, 'counts'>): ShedCount[] {
  return guards
    .counts()
    .map(({ mappingId, what, count }) => ({ mappingId: mappingId === '' ? null : mappingId, what, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most)
}
