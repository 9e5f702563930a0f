import { countsRequests } from './evidence.ts'
import type { Guardrail } from './model.ts'

/**
 * How likely a whole ramp may be to be stopped by chance when new is exactly as bad as its limits allow; when new is
 * no worse than legacy it is far less (bench/README.md).
 */
export const RAMP_ERROR_BUDGET = 0.01

/**
 * The part of the ramp's error budget that each of its comparisons with legacy gets (rule 15), in every mapping of
 * its target. Dry runs and alerts stop nothing, so they spend nothing; they are judged as if they had a part.
 */
export function errorBudget(guardrails: readonly Guardrail[], mappings: number): number {
  const spending = guardrails.filter(
    ({ limit, metric, action, dryRun }) =>
      limit.kind === 'against-legacy' && countsRequests(metric) && action !== 'alert' && !dryRun,
  )
  return RAMP_ERROR_BUDGET / Math.max(1, spending.length * mappings)
}
