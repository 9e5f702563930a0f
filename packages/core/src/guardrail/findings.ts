import { WHOLE } from '../model.ts'
import { countWords, durationWords, fractionWords, plain, some } from '../words.ts'
import { rememberedLegacy } from './comparison.ts'
import { countsRequests, rateOf, type Counts } from './evidence.ts'
import { differenceInterval } from './interval.ts'
import type { GuardrailMemory, JudgeContext } from './memory.ts'
import type { Guardrail, Judgement, Metric } from './model.ts'
import { sumOfWindow, windowNumbers } from './window-limit.ts'

/** The part of a judgement that is measured. */
export type Finding = Pick<
  Judgement,
  'verdict' | 'unit' | 'measured' | 'legacy' | 'limit' | 'interval' | 'sample' | 'breaches' | 'words'
>

/** No complete numbers for so long: nobody knows. */
export function silent(lateMs: number, waitsFor: readonly string[]): Finding {
  const who = waitsFor.length === 0 ? '' : `; ${waitsFor.join(', ')} did not report`
  return missing(`no complete numbers for ${durationWords(lateMs)}${who}`)
}

/** A comparison with legacy over the same minutes. */
export function compared(
  guardrail: Guardrail,
  memory: GuardrailMemory,
  { share, alpha, now }: JudgeContext,
  isRefuted: boolean,
): Finding {
  const { metric, limit, minimumSample } = guardrail
  const { comparison, threshold } = memory
  const alone = share === WHOLE
  const pair = isRefuted ? comparison.lately : comparison.stage
  const known = comparison.recentLegacy
  const sample = { legacy: alone ? known.all : comparison.stage.legacy.all, new: comparison.stage.new.all }
  const claim =
    limit.kind === 'absolute' ? { factor: 1, plus: 0 } : { ...limit, factor: factorOf(metric, limit.factor) }
  const measured = rateOf(pair.new)
  const legacy = rateOf(alone ? known : pair.legacy)
  const reference = alone ? rememberedLegacy(comparison) : legacy
  const most = reference === null ? null : claim.factor * reference + claim.plus
  const base = { unit: 'fraction', measured, legacy, limit: most, sample, breaches: null } as const
  if (sample.new < minimumSample || sample.legacy < minimumSample || measured === null || most === null) {
    const words = `${some(sample.new, 'request')} on new and ${countWords(sample.legacy)} on legacy so far, ${countWords(minimumSample)} on each side say something`
    return { ...base, verdict: 'inconclusive', interval: null, words }
  }
  const width = differenceInterval(claim.factor, alone ? known : pair.legacy, pair.new, alpha)
  const interval = clipped(measured, width, most, isRefuted)
  const what = does(metric, threshold.ms, limit.kind === 'absolute' ? 1 : limit.factor)
  const since = isRefuted
    ? `, over the last ${durationWords(Math.max(1_000, now - comparison.lately.since))}`
    : ''
  const over = alone ? ' before it had no traffic' : ''
  const words =
    `${fractionWords(measured)} of new's ${some(pair.new.all, 'request')} ${what.new}, ` +
    `${fractionWords(legacy ?? 0)} of legacy's ${countWords(alone ? known.all : pair.legacy.all)} ${what.legacy}${over}${since}; ` +
    `up to ${fractionWords(most)} is allowed, and new is between ${fractionWords(interval.low)} and ${fractionWords(interval.high)}`
  return { ...base, verdict: isRefuted ? 'fail' : 'pass', interval, words }
}

/** An absolute limit, or values, over the guardrail's window. */
export function windowed(guardrail: Guardrail, memory: GuardrailMemory, now: number): Finding {
  const { metric, limit, windowMs, minimumSample } = guardrail
  const { legacy, new: fresh } = sumOfWindow(memory.window)
  const isCounted = countsRequests(metric)
  const span = durationWords(windowMs)
  const { measured, limit: most } = windowNumbers(guardrail, legacy, fresh)
  const breaches = memory.window.breachedAt.length
  const failed = breaches > limit.tolerates
  const base = {
    unit: unitOf(metric),
    measured,
    legacy: limit.kind === 'absolute' ? null : rateOf(legacy),
    limit: most,
    interval: null,
    sample: isCounted ? { legacy: legacy.all, new: fresh.all } : { legacy: 0, new: 0 },
    breaches,
  } as const
  if (!isCounted && (memory.valueAt === null || now - memory.valueAt > windowMs))
    return { ...missing(`no value in the last ${span}`), unit: base.unit }
  if (isCounted && fresh.all < minimumSample && !failed) {
    const words = `${some(fresh.all, noun(metric))} in the last ${span}, ${countWords(minimumSample)} say something`
    return { ...base, verdict: 'inconclusive', words }
  }
  if (measured === null || most === null)
    return { ...missing(`no value of legacy in the last ${span}`), unit: base.unit }
  const tolerated = `${some(breaches, 'breach').replace(/breachs$/, 'breaches')} in the last ${countWords(limit.outOf)} windows of ${span}, ${countWords(limit.tolerates)} tolerated`
  return {
    ...base,
    verdict: failed ? 'fail' : 'pass',
    words: `${measuredWords(guardrail, measured, fresh)}; up to ${limitWords(guardrail, most)} is allowed; ${tolerated}`,
  }
}

/** Whole interval beyond the limit if and only if the test refuted it. */
function clipped(measured: number, width: number, most: number, isRefuted: boolean) {
  const low = Math.max(0, measured - width)
  const high = Math.min(1, measured + width)
  return isRefuted
    ? { low: Math.max(low, most), high: Math.max(high, most) }
    : { low: Math.min(low, most), high }
}

function factorOf(metric: Metric, factor: number): number {
  return metric.kind === 'latency' ? 1 : factor
}

function does(
  metric: Metric,
  slowMs: number | null,
  factor: number,
): { readonly new: string; readonly legacy: string } {
  switch (metric.kind) {
    case 'client-error-rate':
      return { new: 'got a 4xx', legacy: 'did' }
    case 'timeout-rate':
      return { new: 'timed out', legacy: 'did' }
    case 'latency': {
      const slow = slowMs ?? 0
      const quantile = `p${metric.quantile * 100}`
      return {
        new: `took longer than ${plain(slow * factor)} ms`,
        legacy: `longer than its ${quantile} of ${plain(slow)} ms`,
      }
    }
    default:
      return { new: 'failed', legacy: 'did' }
  }
}

function measuredWords(guardrail: Guardrail, measured: number, fresh: Counts): string {
  const span = durationWords(guardrail.windowMs)
  switch (guardrail.metric.kind) {
    case 'breaker-openings':
      return `breakers of new opened ${measured === 1 ? 'once' : `${countWords(measured)} times`} in the last ${span}`
    case 'ledger-lag':
      return `replicated writes lag ${durationWords(measured * 1_000)}`
    case 'external':
      return `${guardrail.metric.name} is ${plain(measured)} on new over the last ${span}`
    case 'mismatch-rate':
      return `${fractionWords(measured)} of ${some(fresh.all, 'compared answer')} differed in the last ${span}`
    case 'latency': {
      const max = guardrail.limit.kind === 'absolute' ? guardrail.limit.max : 0
      return `${fractionWords(measured)} of new's ${some(fresh.all, 'request')} took longer than ${plain(max)} ms in the last ${span}`
    }
    default: {
      const what = does(guardrail.metric, null, 1).new
      return `${fractionWords(measured)} of new's ${some(fresh.all, 'request')} ${what} in the last ${span}`
    }
  }
}

function limitWords({ metric }: Guardrail, most: number): string {
  switch (metric.kind) {
    case 'breaker-openings':
      return countWords(most)
    case 'ledger-lag':
      return durationWords(most * 1_000)
    case 'external':
      return plain(most)
    default:
      return fractionWords(most)
  }
}

function unitOf(metric: Metric): Finding['unit'] {
  switch (metric.kind) {
    case 'breaker-openings':
      return 'count'
    case 'ledger-lag':
      return 'seconds'
    case 'external':
      return 'value'
    default:
      return 'fraction'
  }
}

function noun(metric: Metric): string {
  return metric.kind === 'mismatch-rate' ? 'compared answer' : 'request'
}

function missing(words: string): Finding {
  return {
    verdict: 'error',
    unit: 'fraction',
    measured: null,
    legacy: null,
    limit: null,
    interval: null,
    sample: { legacy: 0, new: 0 },
    breaches: null,
    words,
  }
}
