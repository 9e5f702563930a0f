import type { Counts } from './evidence.ts'

/** Where the boundary is tightest: about so many requests on new. */
const TIGHTEST = 2_000

/**
 * Half the width of an asymptotic confidence sequence for new's rate − `factor` × legacy's: holds at all times at
 * once, once there are some dozens of requests (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform
 * central limit theory and asymptotic confidence sequences", 2024, theorem 2.2; the boundary is Robbins' normal
 * mixture, see also Howard et al., "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021). For the
 * eye; the verdict itself is that of the exact test in `two-sample-test.ts`.
 */
export function differenceInterval(factor: number, legacy: Counts, fresh: Counts, alpha: number): number {
  const n = Math.max(1, fresh.all)
  const variance = varianceOf(fresh) / n + (factor * factor * varianceOf(legacy)) / Math.max(1, legacy.all)
  const rho2 = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / TIGHTEST
  const time = n * rho2 + 1
  const boundary = ((2 * time) / (n * n * rho2)) * Math.log(Math.sqrt(time) / alpha)
  return Math.sqrt(variance * n * boundary)
}

/** Of one request; never 0, since none of a few says little. */
function varianceOf({ bad, all }: Counts): number {
  const rate = (bad + 0.5) / (all + 1)
  return rate * (1 - rate)
}
