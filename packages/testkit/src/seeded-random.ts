/** Chance that is the same every time for a seed: mulberry32, uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/**
 * The seed of a randomised test: the one wanted, a new one for `random`, else always the same, so that a chance find
 * does not stop an unrelated change.
 */
export function chosenSeed(wanted: string | undefined, usual: number): number {
  if (wanted === undefined) return usual
  return wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted)
}
