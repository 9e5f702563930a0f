import { maxFrameBytes } from '@crossfade/contracts/link'
import { statsBatchSchema, type StatsBatch, type StatsWindow } from '@crossfade/contracts/stats'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutbox } from './outbox.ts'
import { zeroTally } from './series.ts'

describe('batches', () => {
  it('are numbered from one, and the next waits for the acknowledgement', () => {
    const { outbox, sent } = rig()
    outbox.add(aWindow(1000))
    outbox.pump()
    outbox.add(aWindow(2000))
    outbox.pump()
    expect(sent.map(({ seq }) => seq)).toEqual([1])
    outbox.acknowledged(1)
    expect(sent.map(({ seq, windows }) => [seq, windows[0]?.at])).toEqual([
      [1, 1000],
      [2, 2000],
    ])
  })

  it('also carry a second in which nothing happened', () => {
    const { outbox, sent } = rig()
    outbox.add({ at: 1000, samples: [] })
    outbox.pump()
    expect(sent[0]?.windows).toEqual([{ at: 1000, samples: [] }])
  })

  it('are sent again, the same, after the link was away', () => {
    const { outbox, sent } = rig()
    outbox.add(aWindow(1000))
    outbox.pump()
    outbox.add(aWindow(2000))
    outbox.connected()
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
  })

  it('are sent again when nobody acknowledges for ten seconds', () => {
    const { outbox, sent, clock } = rig()
    outbox.add(aWindow(1000))
    outbox.pump()
    clock.advance(9999)
    outbox.pump()
    expect(sent).toHaveLength(1)
    clock.advance(1)
    outbox.pump()
    expect(sent).toHaveLength(2)
  })

  it('carry paths and kinds of clients, split where one window would be too large', () => {
    const { outbox, sent } = rig()
    const tally = zeroTally()
    const kind = { mappingId: 'books', side: 'new', tally, sketch: null } as const
    const clients = Array.from({ length: 6000 }, (_, i) => ({ ...kind, client: `app ${i}` }))
    const paths = [
      {
        mappingId: null,
        kind: 'served',
        method: 'GET',
        path: '/a',
        requests: 1,
        errors: 0,
        sample: null,
      } as const,
    ]
    outbox.add({ ...aWindow(1000), clients, paths })
    while (outbox.backlog() > 0) {
      outbox.pump()
      outbox.acknowledged(sent.length)
    }
    const windows = sent.flatMap((batch) => batch.windows)
    expect(windows.flatMap((window) => window.paths ?? [])).toEqual(paths)
    expect(windows.flatMap((window) => window.clients ?? [])).toEqual(clients)
    expect(windows.length).toBeGreaterThan(1)
    expect(windows.every(({ at }) => at === 1000)).toBe(true)
    expect(sent.every((batch) => statsBatchSchema.safeParse(batch).success)).toBe(true)
  })

  it('ignore an acknowledgement of something else', () => {
    const { outbox, sent } = rig()
    outbox.add(aWindow(1000))
    outbox.pump()
    outbox.acknowledged(7)
    outbox.acknowledged(1)
    outbox.acknowledged(1)
    expect(outbox.backlog()).toBe(0)
    expect(sent).toHaveLength(1)
  })

  it('arrive exactly once at a receiver that remembers the last number, whatever is lost on the way', () => {
    const step = constantFrom('window', 'deliver', 'lose', 'lose ack', 'reconnect', 'wait')
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const { outbox, sent, clock } = rig()
        const counted: number[] = []
        let mark = 0
        let made = 0
        const deliver = (withAck: boolean) => {
          const batch = sent.shift()
          if (!batch) return
          if (batch.seq > mark) {
            mark = batch.seq
            counted.push(...batch.windows.map(({ at }) => at))
          }
          if (withAck) outbox.acknowledged(batch.seq)
        }
        const run = (what: string) => {
          if (what === 'window') outbox.add(aWindow(++made * 1000))
          if (what === 'deliver') deliver(true)
          if (what === 'lose ack') deliver(false)
          if (what === 'lose') sent.shift()
          if (what === 'reconnect') outbox.connected()
          if (what === 'wait') clock.advance(10_000)
          outbox.pump()
        }
        for (const what of steps) run(what)
        for (let i = 0; i < 100 && outbox.backlog() > 0; i++) {
          run('reconnect')
          run('deliver')
        }
        expect(counted).toEqual(Array.from({ length: made }, (_, i) => (i + 1) * 1000))
      }),
    )
  })
})

describe('the backlog', () => {
  it('keeps ten minutes, gives up the oldest and counts them in the next batch', () => {
    const { outbox, sent, setUp } = rig()
    setUp(false)
    for (let second = 1; second <= 650; second++) {
      outbox.add(aWindow(second * 1000))
      outbox.pump()
    }
    expect(outbox.backlog()).toBe(600)
    expect(outbox.lost()).toBe(50)
    setUp(true)
    for (let i = 0; i < 10; i++) {
      outbox.connected()
      outbox.acknowledged(sent.at(-1)?.seq ?? 0)
    }
    expect(outbox.backlog()).toBe(0)
    expect(sumOf(sent)).toBe(50)
    expect(sent.every((batch) => statsBatchSchema.safeParse(batch).success)).toBe(true)
  })

  it('travels in frames the control plane takes, also a second with very many series', () => {
    const { outbox, sent } = rig()
    const samples = Array.from({ length: 20_000 }, (_, i) => ({
      ...aWindow(0).samples[0]!,
      mappingId: `mapping-${i}`,
      sketch: 'A'.repeat(400),
    }))
    outbox.add({ at: 1000, samples })
    outbox.pump()
    for (let i = 1; i < 100 && outbox.backlog() > 0; i++) outbox.acknowledged(i)
    expect(outbox.backlog()).toBe(0)
    expect(Math.max(...sent.map((batch) => JSON.stringify(batch).length))).toBeLessThan(
      maxFrameBytes.toControlPlane,
    )
    expect(sent.flatMap(({ windows }) => windows.flatMap((window) => window.samples))).toHaveLength(20_000)
  })
})

function rig() {
  const clock = manualClock(0)
  const sent: StatsBatch[] = []
  let isUp = true
  const outbox = createOutbox({
    boot: 'boot',
    clock,
    send(batch) {
      if (isUp) sent.push(structuredClone(batch))
      return isUp
    },
  })
  return { outbox, sent, clock, setUp: (up: boolean) => (isUp = up) }
}

function aWindow(at: number): StatsWindow {
  const tally = { ...zeroTally(), requests: 1 }
  return { at, samples: [{ mappingId: 'books', side: 'legacy', via: 'split', tally, sketch: null }] }
}

function sumOf(batches: readonly StatsBatch[]): number {
  const bySeq = new Map(batches.map(({ seq, lostWindows }) => [seq, lostWindows]))
  return [...bySeq.values()].reduce((sum, lost) => sum + lost, 0)
}
