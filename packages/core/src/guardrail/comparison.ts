import { NOTHING, plus, type Counts } from './evidence.ts'
import {
  allowed,
  clamp,
  information,
  logEvidence,
  logEvidenceAlone,
  type Claim,
  type Rates,
} from './two-sample-test.ts'

/**
 * Everything one comparison with legacy remembers over a ramp; plain JSON, stored with it. The e-process is a
 * mixture: over how bad new might be (the bets), and over when it might have turned bad. Its capital of 1 is spent
 * in parts: `STARTS` of it at beginnings of stages and of versions, the rest evenly over what was learned since. A
 * part that is invested at a time bets only on what comes after, so a service that turns bad late is not shielded by
 * the good days before. Sums of supermartingales whose beginnings add up to 1 are one (the idea of e-detectors: Shin,
 * Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2024).
 */
export interface ComparisonMemory {
  /** Logarithm of the capital of each bet. */
  readonly capital: readonly number[]
  /** Beginnings so far, and parts invested between them. */
  readonly starts: number
  readonly parts: number
  /** What could have been learned since the last part, in nats. */
  readonly learned: number
  /** Of legacy in the last minutes, for bets; requests count less as newer ones come. */
  readonly recentLegacy: Counts
  /** The block that is not over. */
  readonly block: Block
  /** Since the stage began. */
  readonly stage: Pair
  /** Since evidence against new began to pile up. */
  readonly lately: Pair & { readonly since: number }
}

interface Pair {
  readonly legacy: Counts
  readonly new: Counts
}

interface Block extends Pair {
  readonly since: number | null
}

/** Nothing, as a logarithm that JSON can carry. */
const NONE = -700
const STARTS = 0.3
const PATIENCE = 12
/** How each investment is divided over the bets; those on disasters win fast enough with little. */
const SHARES = [0.3, 0.3, 0.2, 0.1, 0.05, 0.05]
const FULL_BLOCK = 10
const BLOCK_MS = 60_000
const REMEMBERED = 20_000
/** How far capital may grow beyond what is needed, so that a service that recovers is believed again. */
const HEADROOM = 5

export function freshComparison(now: number): ComparisonMemory {
  return {
    capital: [],
    starts: 0,
    parts: 0,
    learned: 0,
    recentLegacy: NOTHING,
    block: { legacy: NOTHING, new: NOTHING, since: null },
    stage: { legacy: NOTHING, new: NOTHING },
    lately: { legacy: NOTHING, new: NOTHING, since: now },
  }
}

/** A stage or a version begins: its sample counts from here, and part of the capital is put on it. */
export function beginStage(memory: ComparisonMemory, now: number): ComparisonMemory {
  const starts = memory.starts + 1
  const nothing = { legacy: NOTHING, new: NOTHING }
  return {
    ...memory,
    starts,
    capital: invest(memory.capital, STARTS / (starts * (starts + 1))),
    block: { ...nothing, since: null },
    stage: nothing,
    lately: { ...nothing, since: now },
  }
}

export interface Setting {
  readonly claim: Claim
  /** What share of legacy's requests is bad before anything is known. */
  readonly prior: number
  /** This guardrail's part of the ramp's error budget. */
  readonly alpha: number
  /** Legacy has no traffic to compare with: what was seen of it before has to do. */
  readonly alone: boolean
}

/** One more window of both sides that ended at `end`. */
export function addWindow(
  memory: ComparisonMemory,
  setting: Setting,
  legacy: Counts,
  fresh: Counts,
  end: number,
): ComparisonMemory {
  if (legacy.all === 0 && fresh.all === 0) return memory
  const { block } = memory
  const grown: Block = {
    legacy: plus(block.legacy, legacy),
    new: plus(block.new, fresh),
    since: block.since ?? end,
  }
  const next = {
    ...memory,
    block: grown,
    stage: { legacy: plus(memory.stage.legacy, legacy), new: plus(memory.stage.new, fresh) },
  }
  return isOver(grown, setting, end) ? closeBlock(next, setting, end) : next
}

/** The limit is refuted: evidence against "new keeps within it" has reached 1/α. */
export function isRefuted(memory: ComparisonMemory, alpha: number): boolean {
  return logTotal(memory.capital) >= Math.log(1 / alpha)
}

/** Legacy's rate that new is compared with when legacy has no traffic: at most this, with great certainty. */
export function rememberedLegacy({ recentLegacy: { bad, all } }: ComparisonMemory): number {
  if (all === 0) return 1
  const z2 = 9
  const centre = (bad + z2 / 2) / (all + z2)
  return clamp(centre + (Math.sqrt(z2) * Math.sqrt((bad * (all - bad)) / all + z2 / 4)) / (all + z2))
}

/** Depends only on how many requests came, never on how they went. */
function isOver(block: Block, { alone }: Setting, end: number): boolean {
  if (block.new.all === 0 || (block.legacy.all === 0 && !alone)) return false
  if (block.new.all >= FULL_BLOCK && (alone || block.legacy.all >= FULL_BLOCK)) return true
  return end - (block.since ?? end) >= BLOCK_MS
}

function closeBlock(memory: ComparisonMemory, setting: Setting, end: number): ComparisonMemory {
  const { block } = memory
  const evidence = evidenceOf(memory, setting)
  const before = memory.capital.length === 0 ? SHARES.map(() => NONE) : memory.capital
  const most = Math.log(1 / setting.alpha) + HEADROOM
  const grown = before.map((capital, i) => Math.max(NONE, Math.min(most, capital + (evidence[i] ?? 0))))
  const learned = memory.learned + Math.min(1, learnedFrom(memory, setting))
  const turn = learned >= 1
  const weight = partWeight(memory.parts)
  const capital = turn ? invest(grown, weight) : grown
  // Nothing speaks against new beyond the capital just invested: what was seen lately begins here.
  const isQuiet = logTotal(grown) <= Math.log(weight)
  return {
    ...memory,
    capital,
    parts: memory.parts + (turn ? 1 : 0),
    learned: turn ? 0 : learned,
    recentLegacy: remember(memory.recentLegacy, block.legacy),
    block: { legacy: NOTHING, new: NOTHING, since: null },
    lately: isQuiet
      ? { legacy: NOTHING, new: NOTHING, since: end }
      : {
          legacy: plus(memory.lately.legacy, block.legacy),
          new: plus(memory.lately.new, block.new),
          since: memory.lately.since,
        },
  }
}

function evidenceOf(memory: ComparisonMemory, setting: Setting): number[] {
  const { block } = memory
  const a = expectedLegacy(memory, setting)
  if (setting.alone) {
    const limit = allowed(setting.claim, rememberedLegacy(memory))
    return betsBeyond(limit).map((b) => logEvidenceAlone(limit, b, block.new))
  }
  return betsBeyond(allowed(setting.claim, a)).map((b) =>
    logEvidence(setting.claim, { a, b }, block.legacy, block.new),
  )
}

/** By a bet in the middle. */
function learnedFrom(memory: ComparisonMemory, setting: Setting): number {
  const a = expectedLegacy(memory, setting)
  const bet: Rates = { a, b: betsBeyond(allowed(setting.claim, a))[1] ?? a }
  const { legacy, new: fresh } = memory.block
  return information(setting.claim, bet, setting.alone ? 1e9 : legacy.all, fresh.all)
}

/** A little worse than allowed, twice as bad, a lot, and hardly anything works. */
function betsBeyond(limit: number): number[] {
  const upTo = (rate: number) => clamp(Math.max(limit, rate))
  return [
    upTo(limit * 1.3),
    upTo(limit * 1.8),
    upTo(limit * 3),
    upTo(limit + (1 - limit) * 0.12),
    upTo(limit + (1 - limit) * 0.5),
    upTo(limit + (1 - limit) * 0.9),
  ]
}

/** Only from blocks that are over, so that a bet never knows its own block. */
function expectedLegacy({ recentLegacy: { bad, all } }: ComparisonMemory, { prior }: Setting): number {
  const weight = 20
  return clamp((bad + prior * weight) / (all + weight))
}

function remember(before: Counts, block: Counts): Counts {
  const sum = plus(before, block)
  return sum.all <= REMEMBERED ? sum : { bad: sum.bad / 2, all: sum.all / 2 }
}

/** All parts together and for ever: 1 − STARTS. */
function partWeight(parts: number): number {
  return ((1 - STARTS) * PATIENCE) / ((parts + PATIENCE) * (parts + PATIENCE + 1))
}

function invest(capital: readonly number[], weight: number): number[] {
  const bets = capital.length === 0 ? SHARES.map(() => NONE) : capital
  return bets.map((log, i) => logSum(log, Math.log(weight * (SHARES[i] ?? 0))))
}

/** Of all bets together, the part that is not invested left out. */
function logTotal(capital: readonly number[]): number {
  return capital.reduce(logSum, NONE)
}

function logSum(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a]
  return high + Math.log1p(Math.exp(low - high))
}
