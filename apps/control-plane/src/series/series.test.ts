import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seriesQuerySchema, type SeriesPoint } from '@crossfade/contracts/api/series'
import type { SeriesSample, StatsBatch } from '@crossfade/contracts/stats'
import { LatencySketch } from '@crossfade/core/sketch'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { testEngines } from '../store/engines-for-test.ts'
import type { Db, Store } from '../store/store.ts'
import type { PendingBatch } from './batches.ts'
import { countBatches } from './count-batches.ts'
import { prune } from './prune.ts'
import { createSeriesReader, finestFor } from './read.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const clock = manualClock(noon)
let names = 0

const aBatch = (
  seq: number,
  windows: StatsBatch['windows'],
  agentId = 'edge-1',
  boot = 'boot-1',
): PendingBatch => ({
  agentId,
  environmentId: 'default',
  batch: { boot, seq, windows, lostWindows: 0 },
})

function aSample(mappingId: string, requests: number, latencies: readonly number[] = []): SeriesSample {
  const sketch = new LatencySketch()
  for (const ms of latencies) sketch.add(ms)
  return {
    mappingId,
    side: 'new',
    via: 'split',
    tally: {
      requests,
      statuses: [0, requests - 1, 0, 0, 1],
      failures: { connect: 0, timeout: 1, reset: 0, protocol: 0, 'client-closed': 2, tls: 1 },
      fallbacks: 3,
      breakerOpenings: 2,
      retries: 4,
      bytesIn: 5_000_000_000,
      bytesOut: 6,
    },
    sketch: latencies.length === 0 ? null : Buffer.from(sketch.encode()).toString('base64'),
  }
}

const requestsIn = (points: readonly SeriesPoint[]) => points.map(({ at, requests }) => [at - noon, requests])
const newName = () => `mapping-${++names}`

describe.each(testEngines())('the history of numbers on $name', (engine) => {
  let store: Store
  beforeAll(async () => {
    await engine.start()
    store = await engine.open({ clock })
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })

  const reader = () => createSeriesReader({ store, clock, mappingCount: () => 1 })
  const ask = (mappingId: string, resolution: number, from = noon - 900_000, to = noon + 3_600_000) =>
    reader().series(seriesQuerySchema.parse({ mappingId, environmentId: 'default', from, to, resolution }))

  describe('counting', () => {
    it('writes a batch into all four resolutions, with errors by rule 15', async () => {
      const id = newName()
      await countBatches(store, clock, [
        aBatch(1, [
          { at: noon - 11_000, samples: [aSample(id, 10)] },
          { at: noon - 2_000, samples: [aSample(id, 20)] },
          { at: noon - 1_000, samples: [aSample(id, 30)] },
        ]),
      ])
      expect(requestsIn((await ask(id, 1)).new)).toEqual([
        [-11_000, 10],
        [-2_000, 20],
        [-1_000, 30],
      ])
      expect(requestsIn((await ask(id, 10)).new)).toEqual([
        [-20_000, 10],
        [-10_000, 50],
      ])
      expect(requestsIn((await ask(id, 60)).new)).toEqual([[-60_000, 60]])
      const hours = await ask(id, 3600)
      expect(requestsIn(hours.new)).toEqual([[-3_600_000, 60]])
      expect(hours.legacy).toEqual([])
      expect(hours.new[0]).toMatchObject({
        errors: 9,
        statuses: [0, 57, 0, 0, 3],
        failures: { timeout: 3, 'client-closed': 6, tls: 3 },
        bytesIn: 15_000_000_000,
        p50: null,
      })
    })

    it('merges agents and later batches into the same window, latencies within 1 %', async () => {
      const id = newName()
      const window = (latencies: readonly number[]) => [
        { at: noon, samples: [aSample(id, latencies.length, latencies)] },
      ]
      const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
      await countBatches(store, clock, [
        aBatch(1, window(range(1, 401)), 'edge-a'),
        aBatch(1, window(range(401, 601)), 'edge-b'),
      ])
      await countBatches(store, clock, [aBatch(2, window(range(601, 1001)), 'edge-a')])
      for (const resolution of [1, 10, 60, 3600]) {
        const [point] = (await ask(id, resolution)).new
        expect(point?.requests).toBe(1000)
        expect(point?.p50).toBeGreaterThan(500 * 0.98)
        expect(point?.p50).toBeLessThan(500 * 1.02)
        expect(point?.p99).toBeGreaterThan(990 * 0.98)
        expect(point?.p99).toBeLessThan(990 * 1.02)
      }
    })

    it('keeps counts of a sketch that does not decode, without latencies', async () => {
      const id = newName()
      const broken = { ...aSample(id, 5, [1]), sketch: Buffer.from([9, 9, 9]).toString('base64') }
      await countBatches(store, clock, [aBatch(1, [{ at: noon, samples: [broken] }], 'edge-broken')])
      expect((await ask(id, 1)).new).toMatchObject([{ requests: 5, p50: null }])
    })

    it('leaves out windows from the future and those past a resolution', async () => {
      const id = newName()
      const windows = [noon + 3_600_000, noon - 20 * 60_000].map((at) => ({ at, samples: [aSample(id, 1)] }))
      await countBatches(store, clock, [aBatch(1, windows, 'edge-times')])
      expect((await ask(id, 1, noon - 3_600_000)).new).toEqual([])
      expect(requestsIn((await ask(id, 10, noon - 3_600_000)).new)).toEqual([[-1_200_000, 1]])
    })
  })

  describe('a batch that comes again', () => {
    it('counts once: after its acknowledgement was lost, twice in one commit, and out of an older boot', async () => {
      const id = newName()
      const one = aBatch(1, [{ at: noon, samples: [aSample(id, 10)] }], 'edge-again')
      const two = aBatch(2, [{ at: noon, samples: [aSample(id, 5)] }], 'edge-again')
      const rebooted = aBatch(1, [{ at: noon, samples: [aSample(id, 1)] }], 'edge-again', 'boot-2')
      await countBatches(store, clock, [one])
      await countBatches(store, clock, [one, two, two])
      await countBatches(store, clock, [two, rebooted, one])
      expect((await ask(id, 3600)).new).toMatchObject([{ requests: 16 }])
    })

    it('counts once when the process died before the commit', async () => {
      const id = newName()
      const batch = aBatch(1, [{ at: noon, samples: [aSample(id, 10, [5])] }], 'edge-crash')
      const dying: Pick<Store, 'transaction'> = {
        transaction: (act) =>
          store.transaction(async (db: Db) => {
            await act(db)
            throw new Error('killed before the commit')
          }),
      }
      await expect(countBatches(dying, clock, [batch])).rejects.toThrow('killed')
      expect((await ask(id, 1)).new).toEqual([])
      await countBatches(store, clock, [batch])
      expect((await ask(id, 1)).new).toMatchObject([{ requests: 10 }])
    })

    it('counts once when two replicas get it at the same moment', async () => {
      const id = newName()
      const batch = aBatch(1, [{ at: noon, samples: [aSample(id, 10, [5])] }], 'edge-race')
      await Promise.all([countBatches(store, clock, [batch]), countBatches(store, clock, [batch])])
      expect((await ask(id, 1)).new).toMatchObject([{ requests: 10 }])
    })
  })

  describe('reading', () => {
    it('takes the finest resolution that is kept over the span and does not give too many points', () => {
      const minutes = (n: number) => ({ from: noon - n * 60_000, to: noon, now: noon })
      expect(finestFor(minutes(15), 1500)).toBe(1)
      expect(finestFor(minutes(60), 1500)).toBe(10)
      expect(finestFor(minutes(24 * 60), 1500)).toBe(60)
      expect(finestFor(minutes(30 * 24 * 60), 1500)).toBe(3600)
      expect(finestFor({ ...minutes(60), to: noon - 55 * 60_000 }, 1500)).toBe(10)
    })

    it('sums an environment, and lists every mapping for the overview', async () => {
      const [a, b] = [newName(), newName()]
      const samples = [aSample(a, 3), aSample(b, 4)]
      await countBatches(store, clock, [
        { ...aBatch(1, [{ at: noon - 30_000, samples }], 'edge-sum'), environmentId: 'elsewhere' },
      ])
      const whole = await reader().series(
        seriesQuerySchema.parse({ environmentId: 'elsewhere', from: noon - 60_000, to: noon }),
      )
      expect(requestsIn(whole.new)).toEqual([[-30_000, 7]])
      const overview = await reader().overview({ environmentId: 'elsewhere', minutes: 15 })
      expect(Object.keys(overview.mappings).toSorted()).toEqual([a, b].toSorted())
      expect(overview).toMatchObject({ at: noon, resolution: 10 })
    })

    it('refuses a span that ends before it begins, or has too many points', async () => {
      const query = (extra: object) => seriesQuerySchema.parse({ mappingId: 'x', from: noon, ...extra })
      await expect(reader().series(query({ to: noon - 1 }))).rejects.toMatchObject({ code: 'invalid_input' })
      const long = query({ from: noon - 30 * 86_400_000, to: noon, resolution: 1 })
      await expect(reader().series(long)).rejects.toMatchObject({ code: 'invalid_input' })
    })
  })

  describe('pruning', () => {
    it('removes points past their keeping and nothing else', async () => {
      const id = newName()
      await countBatches(store, clock, [
        aBatch(1, [{ at: noon - 60_000, samples: [aSample(id, 1)] }], 'edge-old'),
      ])
      await prune(store, noon + 14 * 60_000 + 1)
      expect((await ask(id, 1)).new).toEqual([])
      expect((await ask(id, 10)).new).toHaveLength(1)
      await prune(store, noon + 31 * 86_400_000)
      expect((await ask(id, 10)).new).toEqual([])
      expect((await ask(id, 60)).new).toEqual([])
      expect((await ask(id, 3600)).new).toHaveLength(1)
    })
  })
})
