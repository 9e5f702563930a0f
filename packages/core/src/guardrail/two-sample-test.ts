import type { Counts } from './evidence.ts'

/**
 * Is new worse than its limit allows, while both sides drift? One block is what both sides did in the same short
 * time; the claim to refute is that in every block new's rate is at most `factor` × legacy's + `plus`, whatever
 * legacy's is.
 *
 * The e-value of a block is the likelihood of a bet (rates a*, b*) over that of the closest pair of rates (a°, b°)
 * that the claim allows, closest by Kullback-Leibler divergence with the block's sizes: Turner, Ly and Grünwald,
 * "Generic E-variables for exact sequential k-sample tests that allow for optional stopping" (2024), and Turner and
 * Grünwald, "Exact anytime-valid confidence intervals for contingency tables and beyond" (2023). Its expectation is
 * at most 1 whenever the claim is true: with c = (x* − x°) / (x°(1 − x°)) for each side,
 *
 *   log E[e] = nₐ log(1 + (a − a°)cₐ) + n_b log(1 + (b − b°)c_b) ≤ nₐ(a − a°)cₐ + n_b(b − b°)c_b ≤ 0,
 *
 * the last because the allowed pairs are a convex set and (a°, b°) is its closest point. Requests need not be alike
 * for this, only independent given the block's rates, and rates may differ from block to block. So the product over
 * blocks is a supermartingale as long as bets are made before their block is seen, and by Ville's inequality it
 * ever reaches 1/α with probability at most α, however often one looks.
 */
export interface Claim {
  readonly factor: number
  readonly plus: number
}

/** Rates 0…1 of legacy (`a`) and new (`b`). */
export interface Rates {
  readonly a: number
  readonly b: number
}

/** Rates are kept this far from 0 and 1, where one request would refute a bet for ever. */
const EDGE = 1e-6
const HALVINGS = 26

export function allowed({ factor, plus }: Claim, a: number): number {
  return Math.min(1 - EDGE, factor * a + plus)
}

/** The pair that the claim allows and that looks most like the bet, for a block of these sizes. */
export function closest(claim: Claim, bet: Rates, legacy: number, fresh: number): Rates {
  const { factor } = claim
  if (bet.b <= allowed(claim, bet.a)) return bet
  if (factor === 0 || fresh === 0) return { a: bet.a, b: fresh === 0 ? bet.b : clamp(claim.plus) }
  let low = bet.a
  let high = Math.min(1 - EDGE, (bet.b - claim.plus) / factor)
  for (let i = 0; i < HALVINGS; i++) {
    const a = (low + high) / 2
    const b = factor * a + claim.plus
    const slope = (legacy * (a - bet.a)) / (a * (1 - a)) + (fresh * factor * (b - bet.b)) / (b * (1 - b))
    if (slope < 0) low = a
    else high = a
  }
  const a = (low + high) / 2
  return { a: clamp(a), b: clamp(factor * a + claim.plus) }
}

/** Logarithm of the block's e-value for this bet. */
export function logEvidence(claim: Claim, bet: Rates, legacy: Counts, fresh: Counts): number {
  const null_ = closest(claim, bet, legacy.all, fresh.all)
  return logRatio(legacy, bet.a, null_.a) + logRatio(fresh, bet.b, null_.b)
}

/**
 * The same where legacy has no traffic any more: the claim is that new's rate is at most `limit`, by what was known
 * of legacy before.
 */
export function logEvidenceAlone(limit: number, bet: number, fresh: Counts): number {
  return bet <= limit ? 0 : logRatio(fresh, bet, clamp(limit))
}

/** What a block of this size is expected to lose or win: how much it can tell, in nats. */
export function information(claim: Claim, bet: Rates, legacy: number, fresh: number): number {
  const null_ = closest(claim, bet, legacy, fresh)
  return legacy * divergence(bet.a, null_.a) + fresh * divergence(bet.b, null_.b)
}

export function clamp(rate: number): number {
  return Math.min(1 - EDGE, Math.max(EDGE, rate))
}

function logRatio({ bad, all }: Counts, bet: number, null_: number): number {
  if (bet === null_) return 0
  return bad * Math.log(bet / null_) + (all - bad) * Math.log((1 - bet) / (1 - null_))
}

function divergence(p: number, q: number): number {
  return p === q ? 0 : p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
}
