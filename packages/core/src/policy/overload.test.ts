import { describe, expect, it } from 'vitest'
import { nextLevel, pressureOf, type OverloadLevel } from './overload.ts'

describe('overload levels', () => {
  it.each([
    [0.5, 'none'],
    [0.85, 'close-connections'],
    [0.92, 'refuse-requests'],
    [0.95, 'refuse-connections'],
    [3, 'refuse-connections'],
  ] as const)('at a pressure of %s: %s', (pressure, level) => {
    expect(nextLevel('none', pressure)).toBe(level)
  })

  it('are left only well below where they began', () => {
    const levels: OverloadLevel[] = []
    let level: OverloadLevel = 'none'
    for (const pressure of [0.93, 0.9, 0.88, 0.86, 0.82, 0.79])
      levels.push((level = nextLevel(level, pressure)))
    expect(levels).toEqual([
      'refuse-requests',
      'refuse-requests',
      'refuse-requests',
      'close-connections',
      'close-connections',
      'none',
    ])
  })

  it('follow the scarcest of all means', () => {
    const uses = [
      { used: 10, limit: 100 },
      { used: 9, limit: 10 },
      { used: 5, limit: 0 },
    ]
    expect(pressureOf(uses)).toBe(0.9)
  })
})
