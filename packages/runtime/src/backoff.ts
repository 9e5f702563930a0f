/**
 * Full jitter: uniform in [0, min(cap, base · 2^attempt)) ms, so a thousand agents do not come back in the
 * same second. Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function fullJitter(
  attempt: number,
  limits: { readonly baseMs: number; readonly capMs: number },
  random: () => number,
): number {
  return random() * Math.min(limits.capMs, limits.baseMs * 2 ** attempt)
}
