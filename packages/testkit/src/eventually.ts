/**
 * Lets the world turn until `look` gives something other than undefined, null or false. For what waits on real
 * input and output; the wall-clock limit is there only so that a broken test ends.
 */
export async function eventually<T>(
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  what = 'what the test waits for',
): Promise<T> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > deadline) throw new Error(`In ten seconds did not happen: ${what}`)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** A few turns of the event loop, for "and nothing more happens". */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
