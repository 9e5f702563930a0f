/** Percent, at most two decimals. */
export type Percent = number

/** Below this the track is stretched: the first steps of a ramp need room. */
export const stretchedBelow = 5
const stretchedPart = 0.3

/** Where a percent stands on the track, 0…1. */
export function positionOf(percent: Percent): number {
  return percent <= stretchedBelow
    ? (percent / stretchedBelow) * stretchedPart
    : stretchedPart + ((percent - stretchedBelow) / (100 - stretchedBelow)) * (1 - stretchedPart)
}

/** The percent at a place on the track, in steps a hand can hit: 0.1 below 5 %, 1 above. */
export function percentAt(position: number): Percent {
  const at = Math.min(1, Math.max(0, position))
  if (at <= stretchedPart) return Math.round((at / stretchedPart) * stretchedBelow * 10) / 10
  const above = (at - stretchedPart) / (1 - stretchedPart)
  return Math.round(stretchedBelow + above * (100 - stretchedBelow))
}

export const marks: readonly Percent[] = [0, 1, 5, 10, 25, 50, 75, 100]
/** How near to a mark, as a part of the track, it catches the handle. */
const magnetReach = 0.012

export function toMark(percent: Percent): Percent {
  const near = marks.find((mark) => Math.abs(positionOf(mark) - positionOf(percent)) <= magnetReach)
  return near ?? percent
}

/** Keeps a percent in 0…100 with two decimals, free of the dust of binary fractions. */
export function tidy(percent: number): Percent {
  return Math.round(Math.min(100, Math.max(0, percent)) * 100) / 100
}

/** Where a key takes the handle; null for keys that do not move it. */
export function percentAfterKey(percent: Percent, key: string, fine: boolean): Percent | null {
  const step = fine ? 0.1 : 1
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return tidy(percent + step)
    case 'ArrowLeft':
    case 'ArrowDown':
      return tidy(percent - step)
    case 'PageUp':
      return tidy(percent + 10)
    case 'PageDown':
      return tidy(percent - 10)
    case 'Home':
      return 0
    case 'End':
      return 100
    default:
      return null
  }
}
