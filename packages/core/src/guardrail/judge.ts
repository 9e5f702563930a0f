import { WHOLE } from '../model.ts'
import { addWindow, beginStage, freshComparison, isRefuted } from './comparison.ts'
import { countsOf, countsRequests, NOTHING, valueOf, type Counts, type EvidenceWindow } from './evidence.ts'
import { compared, silent, windowed, type Finding } from './findings.ts'
import { learn, NO_THRESHOLD } from './latency-threshold.ts'
import type { GuardrailMemory, JudgeContext } from './memory.ts'
import type { Guardrail, Judgement } from './model.ts'
import {
  addToWindow,
  EMPTY_WINDOW,
  noteBreach,
  recentBreaches,
  sumOfWindow,
  windowNumbers,
  type WindowMemory,
} from './window-limit.ts'

export interface Judged {
  readonly memory: GuardrailMemory
  readonly judgement: Judgement
}

/** Numbers that are this late are missing. */
const LATE_MS = 15_000

/**
 * Judges a guardrail (rules 15 and 16), window by window. Rates and latencies against legacy go to an anytime-valid
 * test over the whole ramp (`comparison.ts`); absolute limits and values are measured over their window, and fail
 * after more breaches than are tolerated. Every window is judged once.
 *
 * `windows` in order, as `selectWindows` gives them, of the guardrail's kind of client; those judged before are left
 * out. `memory` is null at the beginning of a ramp.
 */
export function judge(
  guardrail: Guardrail,
  memory: GuardrailMemory | null,
  windows: readonly EvidenceWindow[],
  context: JudgeContext,
): Judged {
  let state = atStage(memory ?? freshMemory(context), context)
  for (const window of windows) {
    if (window.at < Math.max(state.through, state.since)) continue
    state = isComparison(guardrail)
      ? compareWindow(guardrail, state, window, context)
      : measureWindow(guardrail, state, window)
  }
  return { memory: state, judgement: judgementOf(guardrail, state, context) }
}

function judgementOf(guardrail: Guardrail, memory: GuardrailMemory, context: JudgeContext): Judgement {
  const { now, judgeable, mappingId } = context
  const isLate = now - judgeable.through > LATE_MS
  const finding: Finding = isLate
    ? silent(now - judgeable.through, judgeable.waitsFor)
    : isComparison(guardrail)
      ? compared(guardrail, memory, context, isRefuted(memory.comparison, context.alpha))
      : windowed(guardrail, memory, now)
  return {
    key: `${guardrail.id}/${mappingId}`,
    guardrailId: guardrail.id,
    mappingId,
    name: guardrail.name,
    action: guardrail.action,
    dryRun: guardrail.dryRun,
    minimumSample: guardrail.minimumSample,
    ...finding,
  }
}

/** Judged by the test; everything else by its window. */
function isComparison({ metric, limit }: Guardrail): boolean {
  return limit.kind === 'against-legacy' && countsRequests(metric) && metric.kind !== 'mismatch-rate'
}

function compareWindow(
  guardrail: Guardrail,
  memory: GuardrailMemory,
  window: EvidenceWindow,
  { alpha, share }: JudgeContext,
): GuardrailMemory {
  const { metric, limit } = guardrail
  if (limit.kind !== 'against-legacy') return memory
  const end = window.at + window.seconds * 1_000
  const isLatency = metric.kind === 'latency'
  const slow = memory.threshold.ms
  const legacy = countsOf(metric, window, 'legacy', slow) ?? NOTHING
  const fresh = countsOf(metric, window, 'new', slow === null ? null : slow * limit.factor) ?? NOTHING
  const setting = {
    claim: isLatency ? { factor: 1, plus: limit.plus } : { factor: limit.factor, plus: limit.plus },
    prior: isLatency ? 1 - metric.quantile : 0.01,
    alpha,
    alone: share === WHOLE,
  }
  const threshold = isLatency
    ? learn(memory.threshold, metric.quantile, window.legacy.latency, end)
    : memory.threshold
  const comparison = addWindow(memory.comparison, setting, legacy, fresh, end)
  return { ...memory, through: end, threshold, comparison }
}

function measureWindow(
  guardrail: Guardrail,
  memory: GuardrailMemory,
  window: EvidenceWindow,
): GuardrailMemory {
  const { metric, limit, windowMs } = guardrail
  const end = window.at + window.seconds * 1_000
  const slowerThan = limit.kind === 'absolute' ? limit.max : null
  const isCounted = countsRequests(metric)
  const take = (side: 'legacy' | 'new'): Counts | null => {
    if (isCounted) return countsOf(metric, window, side, slowerThan)
    const value = valueOf(metric, window, side)
    return value === null ? null : { bad: value, all: 1 }
  }
  const [legacy, fresh] = [take('legacy'), take('new')]
  const added = addToWindow(memory.window, windowMs, window.at, legacy ?? NOTHING, fresh ?? NOTHING)
  const noted = isBreach(guardrail, added) ? noteBreach(added, windowMs, end) : added
  return {
    ...memory,
    through: end,
    valueAt: fresh === null ? memory.valueAt : end,
    window: recentBreaches(noted, windowMs, limit.outOf, end),
  }
}

function isBreach(guardrail: Guardrail, memory: WindowMemory): boolean {
  const { legacy, new: fresh } = sumOfWindow(memory)
  if (countsRequests(guardrail.metric) && fresh.all < guardrail.minimumSample) return false
  const { measured, limit } = windowNumbers(guardrail, legacy, fresh)
  return measured !== null && limit !== null && measured > limit
}

function freshMemory({ since }: JudgeContext): GuardrailMemory {
  const comparison = freshComparison(since)
  return {
    since: since - 1,
    through: 0,
    valueAt: null,
    comparison,
    threshold: NO_THRESHOLD,
    window: EMPTY_WINDOW,
  }
}

/** Another stage or version: the sample begins anew, what is known of legacy stays. */
function atStage(memory: GuardrailMemory, { since }: JudgeContext): GuardrailMemory {
  if (memory.since === since) return memory
  return { ...memory, since, comparison: beginStage(memory.comparison, since), window: EMPTY_WINDOW }
}
