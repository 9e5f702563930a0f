/** Draws that a simulation needs, all from one source so that a seed repeats a run. */
export interface Chance {
  readonly random: () => number
  /** True with probability `p`. */
  readonly is: (p: number) => boolean
  readonly between: (low: number, high: number) => number
  readonly whole: (low: number, high: number) => number
  readonly one: <T>(choices: readonly [T, ...T[]]) => T
  readonly normal: () => number
  readonly poisson: (mean: number) => number
  readonly binomial: (n: number, p: number) => number
}

/** Beyond this the normal distribution is near enough, and a hundred times faster. */
const MANY = 40

export function chanceFrom(random: () => number): Chance {
  const between = (low: number, high: number) => low + (high - low) * random()
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const poisson = (mean: number) => {
    if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const end = Math.exp(-mean)
    let count = 0
    for (let left = random(); left > end; left *= random()) count++
    return count
  }
  return {
    random,
    is: (p) => random() < p,
    between,
    whole,
    one: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
    normal,
    poisson,
    binomial: (n, p) => {
      if (p <= 0 || n === 0) return 0
      if (p >= 1) return n
      if (p > 0.5) return n - rare(n, 1 - p)
      return rare(n, p)
    },
  }

  function rare(n: number, p: number): number {
    const mean = n * p
    if (mean > MANY) return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * normal())))
    // Jumps from one success to the next.
    let count = 0
    for (let at = jump(p); at < n; at += 1 + jump(p)) count++
    return count
  }

  function jump(p: number): number {
    return Math.floor(Math.log(1 - random()) / Math.log(1 - p))
  }
}
