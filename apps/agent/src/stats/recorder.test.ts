import { LatencySketch } from '@crossfade/core/sketch'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { describe, expect, it } from 'vitest'
import { anOutcome } from './an-outcome.ts'
import { createRecorder, type ClosedWindow } from './recorder.ts'

describe('windows', () => {
  it('are whole seconds, one row for each mapping, side and way that had traffic', () => {
    const { recorder, clock, windows } = rig()
    recorder.record(anOutcome({ status: 200, bytesIn: 3, bytesOut: 5 }))
    recorder.record(anOutcome({ status: 503, retries: 1 }))
    recorder.record(anOutcome({ side: 'new', status: null, failure: 'timeout', fallback: true }))
    recorder.record(anOutcome({ mappingId: null, via: 'default' }))
    clock.advance(1000)
    recorder.tick()
    expect(windows.map(({ window }) => window.at)).toEqual([20_000])
    expect(windows[0]?.window.samples).toMatchObject([
      {
        mappingId: 'books',
        side: 'legacy',
        tally: { requests: 2, statuses: [0, 1, 0, 0, 1], retries: 1, bytesIn: 3, bytesOut: 5 },
      },
      { mappingId: 'books', side: 'new', tally: { requests: 1, fallbacks: 1, failures: { timeout: 1 } } },
      { mappingId: null, via: 'default' },
    ])
  })

  it('are not there for seconds without traffic', () => {
    const { recorder, clock, windows } = rig()
    clock.advance(60_000)
    recorder.tick()
    expect(windows).toEqual([])
  })

  it('end by themselves when the next request comes late', () => {
    const { recorder, clock, windows } = rig()
    recorder.record(anOutcome())
    clock.advance(5000)
    recorder.record(anOutcome())
    expect(windows.map(({ window }) => window.at)).toEqual([20_000])
  })

  it('follow the corrected clock, also backwards', () => {
    let offset = 0
    const { recorder, clock, windows } = rig({ offset: () => offset })
    recorder.record(anOutcome())
    offset = -3000
    recorder.record(anOutcome())
    clock.advance(1000)
    recorder.tick()
    expect(windows.map(({ window }) => window.at)).toEqual([20_000, 17_000])
  })
})

describe('latency', () => {
  it('comes each second for a mapping that ramps or is watched', () => {
    const { recorder, clock, windows } = rig({ isFine: true })
    for (let second = 0; second < 3; second++) {
      recorder.record(anOutcome({ latencyMs: 10 }))
      clock.advance(1000)
      recorder.tick()
    }
    expect(windows.map(({ window }) => countIn(window.samples[0]?.sketch))).toEqual([1, 1, 1])
  })

  it('comes every ten seconds for the others, and nothing of it is lost', () => {
    const { recorder, clock, windows } = rig()
    for (let second = 0; second < 4; second++) {
      recorder.record(anOutcome({ latencyMs: 10 }))
      clock.advance(1000)
      recorder.tick()
    }
    expect(windows.map(({ window }) => window.samples[0]?.sketch)).toEqual([null, null, null, null])
    clock.advance(6000)
    recorder.tick()
    expect(windows).toHaveLength(5)
    expect(countIn(windows[4]?.window.samples[0]?.sketch)).toBe(4)
    expect(windows[4]?.window.samples[0]?.tally.requests).toBe(0)
  })

  it('leaves out requests without an answer and answers of the other side', () => {
    const { recorder, windows } = rig({ isFine: true })
    recorder.record(anOutcome({ status: null, failure: 'connect' }))
    recorder.record(anOutcome({ status: 200, fallback: true }))
    recorder.flush()
    expect(windows[0]?.window.samples[0]).toMatchObject({ sketch: null, tally: { requests: 2 } })
  })

  it('is handed out at the end, whatever the second', () => {
    const { recorder, windows } = rig()
    recorder.record(anOutcome())
    recorder.flush()
    expect(countIn(windows[0]?.window.samples[0]?.sketch)).toBe(1)
  })
})

describe('silence', () => {
  it('is reported for a minute after the last traffic, so that nobody waits for numbers', () => {
    const { recorder, clock, windows } = rig({ isFine: true })
    clock.advance(5_000)
    recorder.tick()
    expect(windows).toEqual([])
    recorder.record(anOutcome())
    for (let second = 0; second < 90; second++) {
      clock.advance(1000)
      recorder.tick()
    }
    expect(windows.map(({ window }) => window.at)).toEqual(
      Array.from({ length: 61 }, (_, second) => 25_000 + second * 1000),
    )
    expect(windows.at(-1)?.window.samples).toEqual([])
  })
})

describe('a breaker that opens', () => {
  it('is counted on its side, also in a second without requests', () => {
    const { recorder, clock, windows } = rig()
    recorder.breakerOpened('books', 'new')
    recorder.breakerOpened('books', 'new')
    clock.advance(1000)
    recorder.tick()
    expect(windows[0]?.window.samples).toMatchObject([
      { mappingId: 'books', side: 'new', via: 'split', tally: { requests: 0, breakerOpenings: 2 } },
    ])
  })
})

describe('what is reported besides', () => {
  it('comes with every tenth second, also when nothing else happened', () => {
    const path = {
      mappingId: null,
      kind: 'served',
      method: 'GET',
      path: '/a',
      requests: 1,
      errors: 0,
      sample: null,
    } as const
    const clock = manualClock(20_000)
    const windows: ClosedWindow[] = []
    const recorder = createRecorder({
      now: () => clock.now(),
      isFine: () => false,
      onWindow: (closed) => windows.push(closed),
      besides: () => ({ paths: [path] }),
    })
    recorder.record(anOutcome())
    for (let second = 0; second < 10; second++) {
      clock.advance(1000)
      recorder.tick()
    }
    const said = windows.filter(({ window }) => window.samples.length > 0 || window.paths !== undefined)
    expect(said.map(({ window }) => [window.at, window.paths])).toEqual([
      [20_000, undefined],
      [29_000, [path]],
    ])
  })
})

function rig(options: { isFine?: boolean; offset?: () => number } = {}) {
  const clock = manualClock(20_000)
  const windows: ClosedWindow[] = []
  const recorder = createRecorder({
    now: () => clock.now() + (options.offset?.() ?? 0),
    isFine: () => options.isFine ?? false,
    onWindow: (closed) => windows.push(closed),
  })
  return { recorder, clock, windows }
}

function countIn(sketch: string | null | undefined): number | null {
  return sketch ? LatencySketch.decode(Buffer.from(sketch, 'base64')).count : null
}
