/**
 * How an agent protects itself when it has more to do than it can: first it ends connections after their answer,
 * then it answers 503, then it takes no connections.
 */
export type OverloadLevel = 'none' | 'close-connections' | 'refuse-requests' | 'refuse-connections'

/** From calm to severe. */
export const OVERLOAD_LEVELS = [
  'none',
  'close-connections',
  'refuse-requests',
  'refuse-connections',
] as const satisfies readonly OverloadLevel[]

const LEVELS: readonly { readonly level: OverloadLevel; readonly from: number }[] = [
  { level: 'none', from: 0 },
  { level: 'close-connections', from: 0.85 },
  { level: 'refuse-requests', from: 0.92 },
  { level: 'refuse-connections', from: 0.95 },
]
/** A level is left only when the pressure is this much below where it began. */
const HYSTERESIS = 0.05

/** The next level at a pressure, the largest of used parts such as memory used of memory allowed (1 is all of it). */
export function nextLevel(level: OverloadLevel, pressure: number): OverloadLevel {
  const current = LEVELS.findIndex((entry) => entry.level === level)
  let next = 0
  for (const [index, { from }] of LEVELS.entries()) {
    if (pressure >= (index <= current ? from - HYSTERESIS : from)) next = index
  }
  return LEVELS[next]?.level ?? 'none'
}

/** The largest of used parts; a limit of 0 or less counts for nothing. */
export function pressureOf(uses: readonly { readonly used: number; readonly limit: number }[]): number {
  return uses.reduce((most, { used, limit }) => (limit > 0 ? Math.max(most, used / limit) : most), 0)
}
