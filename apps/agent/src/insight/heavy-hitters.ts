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
  errors: number
}

/**
 * The commonest of an endless stream in `size` slots (Misra and Gries 1982): whatever comes more often than one
 * in `size` is found for certain, memory does not grow with what clients make up, and one of them costs the same
 * as many: when all slots are taken each loses one, which it must have gained before.
 */
export function createHeavyHitters<T>(size: number): HeavyHitters<T> {
  let slots = new Map<string, Slot<T>>()

  return {
    add(key, isError, value) {
      const slot = slots.get(key)
      if (slot !== undefined) {
        slot.count++
        if (isError) slot.errors++
      } else if (slots.size < size) slots.set(key, { value: value(), count: 1, errors: Number(isError) })
      else takeOneOfEach(slots)
    },
    take() {
      const hits = [...slots.values()]
      slots = new Map()
      return hits
        .map(({ value, count, errors }) => ({ value, count, errors: Math.min(count, errors) }))
        .toSorted((a, b) => b.count - a.count)
    },
  }
}

function takeOneOfEach<T>(slots: Map<string, Slot<T>>): void {
  for (const [key, slot] of slots) if (--slot.count === 0) slots.delete(key)
}
