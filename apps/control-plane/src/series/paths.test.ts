import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientsQuerySchema, pathsQuerySchema, seriesQuerySchema } from '@crossfade/contracts/api/series'
import type { ClientSample, PathSample, StatsBatch } from '@crossfade/contracts/stats'
import { LatencySketch } from '@crossfade/core/sketch'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { countBatches } from './count-batches.ts'
import { pathsKeptMs } from './paths.ts'
import { prune } from './prune.ts'
import { createSeriesReader } from './read.ts'

const noon = Date.UTC(2026, 0, 1, 12)
let seq = 0

function aPath(overrides: Partial<PathSample> = {}): PathSample {
  const path = '/v2/books/:id'
  const served = {
    mappingId: null,
    kind: 'served',
    method: 'GET',
    path,
    requests: 1,
    errors: 0,
    sample: null,
  }
  return { ...(served as PathSample), ...overrides }
}

function aClient(client: string, side: 'legacy' | 'new', requests: number, failed = 0): ClientSample {
  const sketch = new LatencySketch()
  for (let i = 0; i < requests; i++) sketch.add(20)
  return {
    mappingId: 'books',
    side,
    client,
    tally: {
      requests,
      statuses: [0, requests - failed, 0, 0, failed],
      failures: { connect: 0, timeout: 0, reset: 0, protocol: 0, 'client-closed': 0, tls: 0 },
      fallbacks: 0,
      breakerOpenings: 0,
      retries: 0,
      bytesIn: 0,
      bytesOut: 0,
    },
    sketch: Buffer.from(sketch.encode()).toString('base64'),
  }
}

describe.each(testEngines())('paths and kinds of clients on $name', (engine) => {
  const clock = manualClock(noon)
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
  const count = (environmentId: string, window: Partial<StatsBatch['windows'][number]>) => {
    const windows = [{ at: noon - 5_000, samples: [], ...window }]
    const batch = { boot: 'boot-1', seq: ++seq, windows, lostWindows: 0 }
    return countBatches(store, clock, [{ agentId: 'edge-1', environmentId, batch }])
  }
  const paths = (query: object) => reader().paths(pathsQuerySchema.parse(query))

  it('sums paths over agents and time, the busiest first, and keeps those of mappings apart', async () => {
    await count('tops', { paths: [aPath({ requests: 3 }), aPath({ path: '/a', requests: 5, errors: 2 })] })
    await count('tops', { paths: [aPath({ requests: 4 }), aPath({ mappingId: 'books', path: '/x' })] })
    const { paths: found } = await paths({ environmentId: 'tops' })
    expect(found).toMatchObject([
      { method: 'GET', path: '/v2/books/:id', requests: 7, errors: 0 },
      { method: 'GET', path: '/a', requests: 5, errors: 2 },
    ])
    expect(found[0]?.lastSeenAt).toBe(new Date(noon - 5_000).toISOString())
  })

  it('lists refused paths by reason with one as it came', async () => {
    const refused = { kind: 'refused', path: 'dot-segment', sample: '/a/../b' } as const
    await count('refusing', { paths: [aPath({ ...refused, requests: 2 })] })
    const view = await paths({ environmentId: 'refusing' })
    expect(view.paths).toEqual([])
    expect(view.refused).toMatchObject([{ why: 'dot-segment', sample: '/a/../b', requests: 2 }])
  })

  it('keeps only the busiest of an hour, whatever clients ask for', async () => {
    const flood = (from: number) =>
      Array.from({ length: 300 }, (_, i) => aPath({ path: `/made-up/${from + i}` }))
    await count('flooded', { paths: [aPath({ requests: 50 })] })
    await count('flooded', { paths: flood(0) })
    await count('flooded', { paths: flood(300) })
    expect(await store.prisma.pathCount.count({ where: { environmentId: 'flooded' } })).toBe(400)
    expect((await paths({ environmentId: 'flooded', limit: 1 })).paths).toMatchObject([{ requests: 50 }])
  })

  it('forgets paths after a week', async () => {
    await count('forgetful', { paths: [aPath()] })
    await prune(store, noon + pathsKeptMs - 3_600_000)
    expect(await store.prisma.pathCount.count({ where: { environmentId: 'forgetful' } })).toBe(1)
    await prune(store, noon + pathsKeptMs + 1)
    expect(await store.prisma.pathCount.count({ where: { environmentId: 'forgetful' } })).toBe(0)
  })

  it('tells kinds of clients apart and leaves the whole as it was', async () => {
    const clients = [aClient('ios', 'new', 10), aClient('android', 'new', 5, 5), aClient('ios', 'legacy', 20)]
    await count('kinds', { clients })
    const ask = (client?: string) =>
      reader().series(
        seriesQuerySchema.parse({
          environmentId: 'kinds',
          mappingId: 'books',
          from: noon - 60_000,
          to: noon,
          ...(client !== undefined && { client }),
        }),
      )
    expect((await ask()).new).toEqual([])
    const ios = await ask('ios')
    expect(ios.resolution).toBe(10)
    expect(ios.new).toMatchObject([{ requests: 10, errors: 0 }])
    expect((await ask('android')).new).toMatchObject([{ requests: 5, errors: 5 }])
  })

  it('puts both sides of every kind of client beside each other, the busiest first', async () => {
    await count('table', {
      at: noon - 5_000,
      clients: [aClient('ios', 'new', 10), aClient('web', 'new', 4, 2)],
    })
    await count('table', {
      at: noon - 25_000,
      clients: [aClient('ios', 'new', 1), aClient('ios', 'legacy', 2)],
    })
    const { clients } = await reader().clients(clientsQuerySchema.parse({ mappingId: 'books' }))
    expect(clients.map(({ client }) => client)[0]).toBe('ios')
    expect(clients.find(({ client }) => client === 'web')).toMatchObject({
      legacy: null,
      new: { requests: 4, errors: 2 },
    })
    expect(clients[0]?.new?.p95).toBeCloseTo(20, 0)
  })
})
