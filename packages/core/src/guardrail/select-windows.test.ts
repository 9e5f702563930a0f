import { aWindow } from '@crossfade/testkit/evidence-builders'
import { describe, expect, it } from 'vitest'
import { judgeableThrough, selectWindows, type AgentProgress } from './select-windows.ts'

const NOW = 1_000_000
const agent = (name: string, reportedAgo: number, trafficAgo: number | null): AgentProgress => ({
  agentId: name,
  name,
  reportedThrough: NOW - reportedAgo,
  lastTrafficAt: trafficAgo === null ? null : NOW - trafficAgo,
})

describe('a window is judged once it is 3 s old and every agent with traffic in the last minute reported it (rule 16)', () => {
  it.each([
    ['no agents', [], 3_000, []],
    ['all reported', [agent('a', 1_000, 0), agent('b', 500, 0)], 3_000, []],
    ['one is behind', [agent('a', 1_000, 0), agent('b', 9_000, 9_000)], 9_000, ['b']],
    [
      'one is behind, but idle for over a minute',
      [agent('a', 1_000, 0), agent('b', 90_000, 61_000)],
      3_000,
      [],
    ],
    ['one never had traffic', [agent('a', 1_000, 0), agent('b', 90_000, null)], 3_000, []],
  ] as const)('%s', (_what, agents, ago, waitsFor) => {
    expect(judgeableThrough(agents, NOW)).toEqual({ through: NOW - ago, waitsFor })
  })

  it('in order, each one once, and late batches of judged seconds never', () => {
    const windows = [9_000, 7_000, 8_000, 12_000, 11_999].map((at) => aWindow(at, {}, {}))
    const selected = selectWindows(windows, 8_000, { through: 12_999, waitsFor: [] })
    expect(selected.map(({ at }) => at)).toEqual([8_000, 9_000, 11_999])
  })
})
