import { createLogger } from '@crossfade/runtime/logger'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { describe, expect, it } from 'vitest'
import { watchOverload } from './overload-monitor.ts'

describe('watching for overload', () => {
  it('looks four times a second, closes first, refuses then, and recovers', async () => {
    const clock = manualClock()
    const used = { loopDelayMs: 0, memoryBytes: 0, connections: 0 }
    const monitor = watchOverload({
      source: {
        loopDelayMs: () => used.loopDelayMs,
        memoryBytes: () => used.memoryBytes,
        connections: () => used.connections,
      },
      limits: { loopDelayMs: 100, memoryBytes: 0, connections: 1_000 },
      clock,
      logger: createLogger('test', 'silent'),
    })
    const after = async (change: Partial<typeof used>) => {
      Object.assign(used, change)
      await clock.advanceAsync(250)
      return [monitor.closesConnections(), monitor.refusesRequests(), monitor.refusesConnections()]
    }
    expect(await after({ memoryBytes: 1e12 })).toEqual([false, false, false])
    expect(await after({ connections: 860 })).toEqual([true, false, false])
    expect(await after({ loopDelayMs: 93 })).toEqual([true, false, false])
    expect(await after({})).toEqual([true, true, false])
    expect(await after({ connections: 1_000 })).toEqual([true, true, true])
    expect(await after({ loopDelayMs: 0, connections: 0 })).toEqual([false, false, false])
    // One long job, and another one later.
    expect(await after({ loopDelayMs: 5_000 })).toEqual([false, false, false])
    expect(await after({ loopDelayMs: 0 })).toEqual([false, false, false])
    expect(await after({ loopDelayMs: 5_000 })).toEqual([false, false, false])
    expect(await after({ loopDelayMs: 101 })).toEqual([true, true, true])
    expect(await after({ loopDelayMs: 0 })).toEqual([false, false, false])
    monitor.stop()
    expect(clock.pending()).toBe(0)
  })
})
