import { atMost, every } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { systemAuthor } from '../store/author.ts'
import {
  abandonDeliveries,
  claimDelivery,
  finishAttempt,
  pruneDeliveries,
  type Attempt,
  type Claimed,
  type DeliveryRow,
} from '../store/deliveries.ts'
import { findEnvironment } from '../store/environments.ts'
import type { Store } from '../store/store.ts'
import { findWebhook, updateWebhook } from '../store/webhooks.ts'
import type { NotificationEvent } from './events.ts'
import { notificationOf } from './message.ts'
import { waitBeforeRetry } from './retries.ts'
import { send, type SendParts, type Sent } from './send.ts'
import { objectOf, webhookView } from './views.ts'

export interface DelivererParts extends SendParts {
  readonly store: Store
  readonly publicUrl: string
  /** In [0, 1), for the jitter of retries. */
  readonly chance: () => number
  readonly logger: Logger
}

export interface Deliverer extends Part {
  /** Sends everything that is due, and what becomes due meanwhile; ends when nothing is. */
  deliverDue(): Promise<void>
  /** Sends what its caller has claimed, and writes down what came of it. No retries: `isLast`. */
  deliver(claimed: Claimed, isLast: boolean): Promise<Attempt>
}

const lookEveryMs = 1_000
const pruneEveryMs = 3_600_000
/** Longer than an attempt can take. */
const claimMs = 60_000
/** How long messages under way may take when the program ends; another control plane sends them again. */
const goodbyeMs = 2_000
const atOnce = 16
const logged = 20
const keptMs = 30 * 24 * 3_600_000

/**
 * Sends what was written down to be told. Any number of control planes may run one: each message is claimed by one
 * of them, and one that dies leaves it to the others. To one receiver goes one message at a time, in order.
 */
export function createDeliverer(parts: DelivererParts): Deliverer {
  const { store, clock, logger } = parts
  const underway = new Map<string, Promise<void>>()
  let isStopped = false
  let stop = () => {}

  const claim = () =>
    store.transaction((db) => {
      const now = clock.now()
      const busy = [...underway.keys()]
      return claimDelivery(db, { now: new Date(now), till: new Date(now + claimMs), busy })
    })

  /** One look at a time: two would take two messages of one receiver. */
  let filling: Promise<void> | null = null
  const fill = () => {
    filling ??= takeDue().finally(() => {
      filling = null
    })
    return filling
  }
  const takeDue = async () => {
    for (;;) {
      if (isStopped || underway.size >= atOnce) return
      const claimed = await claim()
      if (claimed === null) return
      const { id } = claimed.webhook
      const work = deliver(claimed, false)
        .then(() => {})
        .catch((err: unknown) => logger.warn({ err, webhook: id }, 'A message was not delivered'))
        .finally(() => underway.delete(id))
      underway.set(id, work)
    }
  }

  const deliver: Deliverer['deliver'] = async (claimed, isLast) => {
    const { delivery, webhook } = claimed
    const sent = await send(parts, claimed, await notificationsOf(parts, delivery))
    const retryMs = isLast ? null : waitFor(delivery, sent)
    const isDelivered = sent.attempt.error === null
    await store.transaction((db) =>
      finishAttempt(db, delivery, {
        status: isDelivered ? 'delivered' : retryMs === null ? 'dead' : 'pending',
        log: [...logOf(delivery), sent.attempt].slice(-logged),
        nextTryAt: isDelivered || retryMs === null ? null : new Date(clock.now() + retryMs),
      }),
    )
    const { error } = sent.attempt
    if (error !== null) {
      const about = { webhook: webhook.name, delivery: delivery.id, error, attempts: delivery.attempts }
      logger.warn(about, retryMs === null ? 'A message is given up' : 'A message was not taken')
    }
    if (sent.isGone) await disable(store, webhook.id)
    return sent.attempt
  }

  const waitFor = ({ attempts, countedFrom }: DeliveryRow, { isGone, askedMs }: Sent) =>
    isGone ? null : waitBeforeRetry(attempts - countedFrom, askedMs, parts.chance)

  return {
    name: 'notifications',
    deliver,
    async deliverDue() {
      for (;;) {
        await fill()
        if (underway.size === 0) return
        await Promise.all(underway.values())
      }
    },
    async start() {
      // The database may be away for long: once is enough to say so.
      let isSaid = false
      const complain = (err: unknown) => {
        if (!isSaid) logger.warn({ err }, 'Messages could not be looked for')
        isSaid = true
      }
      const look = async () => {
        await fill()
        isSaid = false
      }
      const stops = [
        every(clock, lookEveryMs, look, complain),
        every(
          clock,
          pruneEveryMs,
          () =>
            store.transaction(async (db) => void (await pruneDeliveries(db, new Date(clock.now() - keptMs)))),
          complain,
        ),
      ]
      stop = () => stops.forEach((end) => end())
    },
    async stop() {
      isStopped = true
      stop()
      await atMost(clock, goodbyeMs, Promise.all([filling, ...underway.values()]))
    },
  }
}

async function notificationsOf({ store, publicUrl }: DelivererParts, delivery: DeliveryRow) {
  const events = delivery.events as unknown as NotificationEvent[]
  const environmentId = events[0]?.environmentId ?? null
  const environment =
    environmentId === null ? null : await store.read((db) => findEnvironment(db, environmentId))
  return events.map((event) => notificationOf(event, environment?.name ?? null, publicUrl))
}

/** The receiver is gone for good: nothing more is sent there until somebody enables it again. */
async function disable(store: Store, id: string): Promise<void> {
  const row = await store.read((db) => findWebhook(db, id))
  if (row === null) return
  await store.change(systemAuthor, row.environmentId, async (tx) => {
    const before = await findWebhook(tx.db, id)
    if (before === null || !before.enabled) return
    const disabledReason = 'The receiver answered 410: it is gone'
    const after = await updateWebhook(tx.db, before, { enabled: false, disabledReason })
    await abandonDeliveries(tx.db, id)
    const views = { before: webhookView(before), after: webhookView(after) }
    tx.record({ act: 'webhook.disable', object: objectOf(after), ...views, reason: disabledReason })
  })
}

export function logOf(delivery: Pick<DeliveryRow, 'log'>): Attempt[] {
  return delivery.log as unknown as Attempt[]
}
