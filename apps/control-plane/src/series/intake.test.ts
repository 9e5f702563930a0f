import { describe, expect, it } from 'vitest'
import { Problem } from '@crossfade/contracts/problems'
import type { StatsBatch } from '@crossfade/contracts/stats'
import { emptyTally } from '@crossfade/core/tally'
import { createLogger } from '@crossfade/runtime/logger'
import { manualClock } from '@crossfade/testkit/manual-clock'
import type { PendingBatch } from './batches.ts'
import { createIntake } from './intake.ts'
import { createRecentSeconds } from './recent-seconds.ts'

const start = Date.UTC(2026, 0, 1)
const from = { agentId: 'edge-1', environmentId: 'default', name: 'edge-1' }

function aBatch(seq: number, samples = 1): StatsBatch {
  const { statuses: _none, ...tally } = emptyTally()
  const sample = {
    mappingId: 'books',
    side: 'new' as const,
    via: 'split' as const,
    tally: { ...tally, statuses: [0, 1, 0, 0, 0] as [number, number, number, number, number], requests: 1 },
    sketch: null,
  }
  return {
    boot: 'boot-1',
    seq,
    lostWindows: 0,
    windows: [{ at: start, samples: Array.from({ length: samples }, () => sample) }],
  }
}

function house(count: (batches: readonly PendingBatch[]) => Promise<void> = async () => {}) {
  const clock = manualClock(start)
  const commits: number[][] = []
  const acked: number[] = []
  const recent = createRecentSeconds(clock)
  const intake = createIntake({
    count: async (batches) => {
      await count(batches)
      commits.push(batches.map(({ batch }) => batch.seq))
    },
    mappingsOf: () => new Set(['books']),
    recent,
    clock,
    logger: createLogger('test', 'silent'),
  })
  const offer = (seq: number, samples?: number) =>
    intake.offer(from, aBatch(seq, samples), () => acked.push(seq))
  return { intake, clock, commits, acked, offer, recent }
}

describe('the intake of numbers', () => {
  it('commits in groups, at most every half second, and acknowledges after the commit', async () => {
    const { clock, commits, acked, offer } = house()
    offer(1)
    await clock.advanceAsync(0)
    expect(commits).toEqual([[1]])
    offer(2)
    offer(3)
    await clock.advanceAsync(499)
    expect(acked).toEqual([1])
    await clock.advanceAsync(1)
    expect(commits).toEqual([[1], [2, 3]])
    expect(acked).toEqual([1, 2, 3])
    expect(clock.pending()).toBe(0)
  })

  it('holds batches while the database is away, in order, and refuses what it has no room for', async () => {
    let isAway = true
    const { clock, commits, acked, offer } = house(async () => {
      if (isAway) throw new Problem('store_unavailable')
    })
    expect(offer(1)).toBe(true)
    await clock.advanceAsync(10_000)
    expect(offer(2, 150_000)).toBe(true)
    expect(offer(3, 150_000)).toBe(false)
    expect(acked).toEqual([])
    isAway = false
    await clock.advanceAsync(2_000)
    expect(commits).toEqual([[1, 2]])
    expect(acked).toEqual([1, 2])
    expect(offer(3, 150_000)).toBe(true)
  })

  it('does not let one batch that cannot be stored hold back the others', async () => {
    const { clock, acked, commits, offer } = house(async (batches) => {
      if (batches.some(({ batch }) => batch.seq === 2)) throw new Error('numeric overflow')
    })
    offer(1)
    offer(2)
    offer(3)
    await clock.advanceAsync(0)
    expect(commits).toEqual([[1], [3]])
    expect(acked).toEqual([1, 2, 3])
  })

  it('commits what is waiting when it stops', async () => {
    const { intake, clock, commits, offer } = house()
    offer(1)
    await clock.advanceAsync(0)
    offer(2)
    await intake.stop()
    expect(commits).toEqual([[1], [2]])
    expect(offer(3)).toBe(false)
    expect(clock.pending()).toBe(0)
  })

  it('shows the newest seconds at once, each batch once, also with the database away', async () => {
    const { offer, recent } = house(async () => {
      throw new Problem('store_unavailable')
    })
    offer(1, 2)
    offer(1, 2)
    expect(recent.second('default', start)).toMatchObject([
      { mappingId: 'books', legacy: null, new: { requests: 2 } },
    ])
    expect(recent.second('default', start + 1000)).toEqual([])
  })
})
