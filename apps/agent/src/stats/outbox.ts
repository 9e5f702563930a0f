import type { StatsBatch, StatsWindow } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'

/** Windows on their way to the control plane: numbered once, sent until acknowledged, counted once (rule 28). */
export interface Outbox {
  add(window: StatsWindow): void
  /** Sends what may be sent; harmless at any time. */
  pump(): void
  /** The link is up again: what was not acknowledged goes first, under its old number. */
  connected(): void
  acknowledged(seq: number): void
  /** Windows not acknowledged yet. */
  backlog(): number
  /** Windows given up since the start. */
  lost(): number
}

export interface OutboxParts {
  readonly boot: string
  /** False when the link is down or busy. */
  readonly send: (batch: StatsBatch) => boolean
  readonly clock: Clock
}

/** Ten minutes of traffic every second. */
const mostWindows = 600
/** Well below what a frame to the control plane may have. */
const mostBytes = 1_000_000
/** A store that was away for a moment answers nothing; it is asked again. */
const resendAfterMs = 10_000

interface Pending {
  readonly window: StatsWindow
  /** As JSON. */
  bytes: number
}

/** One batch is under way at a time: a number never means two things, and none is ever skipped. */
export function createOutbox({ boot, send, clock }: OutboxParts): Outbox {
  let pending: Pending[] = []
  let underWay: { readonly batch: StatsBatch; sentAt: number | null } | null = null
  let lastSeq = 0
  let lost = 0
  let lostBefore = 0

  const transmit = () => {
    if (underWay && send(underWay.batch)) underWay.sentAt = clock.monotonic()
  }
  const isDue = () =>
    underWay !== null && (underWay.sentAt === null || clock.monotonic() - underWay.sentAt >= resendAfterMs)

  const pump = () => {
    if (!underWay && pending.length > 0) {
      const count = fitting(pending)
      const windows = pending.slice(0, count).map(({ window }) => window)
      pending = pending.slice(count)
      underWay = { batch: { boot, seq: ++lastSeq, windows, lostWindows: lost - lostBefore }, sentAt: null }
      lostBefore = lost
    }
    if (isDue()) transmit()
  }
  const backlog = () => pending.length + (underWay?.batch.windows.length ?? 0)

  return {
    add(window) {
      pending.push(...split(window))
      const over = Math.min(backlog() - mostWindows, pending.length)
      if (over <= 0) return
      pending = pending.slice(over)
      lost += over
    },
    pump,
    connected() {
      if (underWay) transmit()
      else pump()
    },
    acknowledged(seq) {
      if (underWay?.batch.seq !== seq) return
      underWay = null
      pump()
    },
    backlog,
    lost: () => lost,
  }
}

/** How many windows from the front go into one batch; at least one. */
function fitting(pending: readonly Pending[]): number {
  let bytes = 0
  const tooMany = pending.findIndex((one) => (bytes += one.bytes) > mostBytes)
  return tooMany < 0 ? pending.length : Math.max(1, tooMany)
}

const lists = ['samples', 'clients', 'paths'] as const

/** A second with very many series travels as several windows of the same time; counts add up. */
function split(window: StatsWindow): Pending[] {
  const pieces: Pending[] = []
  for (const list of lists) {
    for (const entry of window[list] ?? []) {
      const bytes = JSON.stringify(entry).length + 1
      let last = pieces.at(-1)
      if (last === undefined || last.bytes + bytes > mostBytes) {
        last = { window: { at: window.at, samples: [] }, bytes: 0 }
        pieces.push(last)
      }
      const into: unknown[] = (last.window[list] ??= [])
      into.push(entry)
      last.bytes += bytes
    }
  }
  return pieces.length === 0 ? [{ window: { at: window.at, samples: [] }, bytes: 0 }] : pieces
}
