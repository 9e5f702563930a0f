import { appendEvents, insertDeliveries, toldOnThread, type NewDelivery } from '../store/deliveries.ts'
import { underwayRampOf } from '../store/ramp-underway.ts'
import type { Db } from '../store/store.ts'
import { webhooksFor } from '../store/webhooks.ts'
import type { NotificationEvent } from './events.ts'

/** A message to people waits this long for what belongs to it. */
const gatherMs = 10_000
/** On one thread people get a message at most this often, but for what cannot wait. */
const quietMs = 60_000
/** How far back is looked for what was told already. */
const lookBackMs = 24 * 3_600_000

const urgent: ReadonlySet<NotificationEvent['type']> = new Set([
  'share.rolled_back',
  'environment.rolled_back',
  'ramp.person_called',
  'approval.wanted',
  'agent.emergency',
])

/**
 * Writes down, in the caller's transaction, whom to tell of these events: told when it commits, forgotten when it
 * does not. Calling it again with the same keys, also from another control plane, tells nobody twice. `now`: ms.
 */
export async function notify(db: Db, events: readonly NotificationEvent[], now: number): Promise<void> {
  for (const environmentId of new Set(events.map((event) => event.environmentId))) {
    const here = events.filter((event) => event.environmentId === environmentId)
    const types = [...new Set(here.map(({ type }) => type))]
    const webhooks = await webhooksFor(db, environmentId, types)
    if (webhooks.length === 0) continue
    const threaded = withoutEchoes(await onThreads(db, here))
    const rows: NewDelivery<NotificationEvent>[] = []
    for (const { id, kind, events: wanted } of webhooks) {
      const chosen = threaded.filter(({ type }) => wanted.includes(type))
      if (kind === 'slack') await tellPeople(db, id, chosen, now)
      else rows.push(...chosen.map((event) => message(id, [event], now, now)))
    }
    await insertDeliveries(db, rows)
  }
}

/**
 * For people: what belongs to one thread comes as one message, gathered for some seconds and never more than one a
 * minute, so that a ramp does not fill a channel. What cannot wait goes at once and takes the others along.
 */
async function tellPeople(
  db: Db,
  webhookId: string,
  events: readonly NotificationEvent[],
  now: number,
): Promise<void> {
  for (const thread of new Set(events.map((event) => event.thread))) {
    const told = await toldOnThread(db, webhookId, thread, new Date(now - lookBackMs))
    const fresh = events.filter((event) => event.thread === thread && !told.keys.has(event.key))
    if (fresh.length === 0) continue
    const last = told.last?.getTime() ?? -Infinity
    const mayWait = !fresh.some(({ type }) => urgent.has(type))
    const due = mayWait ? Math.max(now + gatherMs, last + quietMs) : now
    const row = message(webhookId, fresh, now, due)
    if (!(await appendEvents(db, row))) await insertDeliveries(db, [row])
  }
}

function message(
  webhookId: string,
  events: readonly NotificationEvent[],
  now: number,
  due: number,
): NewDelivery<NotificationEvent> {
  const [first] = events
  if (!first) throw new TypeError('A message tells something')
  const told = events.find(({ type }) => urgent.has(type)) ?? first
  return {
    webhookId,
    eventKey: first.key,
    thread: first.thread,
    type: told.type,
    events,
    createdAt: new Date(now),
    nextTryAt: new Date(due),
  }
}

/** One roll back is told once: a ramp that ends because of it adds nothing. */
function withoutEchoes(events: readonly NotificationEvent[]): readonly NotificationEvent[] {
  const byHand = events.some(({ act }) => act?.endsWith('.rollback'))
  return byHand ? events.filter(({ act }) => act !== 'ramp.rolled-back') : events
}

/** What a hand does to a share while a ramp is under way is part of that ramp's story. */
async function onThreads(db: Db, events: readonly NotificationEvent[]): Promise<NotificationEvent[]> {
  const ofRamps = events.filter(({ act }) => act?.startsWith('ramp.'))
  const threaded: NotificationEvent[] = []
  for (const event of events) {
    const { kind, id } = event.object
    const isShare = event.type.startsWith('share.') && event.thread === `${kind}:${id}`
    const known = isShare ? ofRamps.find(({ object }) => object.id === id)?.thread : undefined
    const ramp = isShare && known === undefined ? await underwayRampOf(db, kind, id) : null
    threaded.push({ ...event, thread: known ?? (ramp === null ? event.thread : `ramp:${ramp}`) })
  }
  return threaded
}
