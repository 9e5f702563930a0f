/** One of the commonest things counted. */
export interface Hit<T> {
  readonly value: T
  /** At least so many. */
  readonly count: number
  readonly errors: number
}

export interface HeavyHitters<T> {
  add(key: string, isError: boolean, value: () => T): void
  /** Hands out what was counted, the commonest first, and begins anew. */
  take(): readonly Hit<T>[]
}

interface Slot<T> {
  readonly value: T
  count: number
  /** What the key this one replaced had counted: up to so much of `count` may not be ours. */
  readonly inherited: number
  errors: number
}

/**
 * The commonest of an endless stream in `size` slots (Space-Saving, Metwally et al. 2005): whatever comes more
 * often than one in `size` is found for certain, and memory does not grow with what clients make up.
 */
export function createHeavyHitters<T>(size: number): HeavyHitters<T> {
  let slots = new Map<string, Slot<T>>()

  return {
    add(key, isError, value) {
      let slot = slots.get(key)
      if (slot === undefined) {
        const inherited = slots.size < size ? 0 : replaceRarest(slots)
        slot = { value: value(), count: inherited, inherited, errors: 0 }
        slots.set(key, slot)
      }
      slot.count++
      if (isError) slot.errors++
    },
    take() {
      const hits = [...slots.values()].map(({ value, count, inherited, errors }) => ({
        value,
        count: count - inherited,
        errors,
      }))
      slots = new Map()
      return hits.toSorted((a, b) => b.count - a.count)
    },
  }
}

function replaceRarest<T>(slots: Map<string, Slot<T>>): number {
  let rarest = ''
  let least = Infinity
  for (const [key, { count }] of slots) {
    if (count >= least) continue
    rarest = key
    least = count
    // Nothing can be rarer.
    if (count === 1) break
  }
  slots.delete(rarest)
  return least
}
