import type { FieldError } from '../field-error.ts'
import { countsRequests } from './evidence.ts'
import type { Guardrail } from './model.ts'

/** Everything wrong with a guardrail, by field; empty when it can be judged. */
export function problemsOfGuardrail(guardrail: Guardrail): FieldError[] {
  return [...limitProblems(guardrail), ...windowProblems(guardrail)]
}

function* limitProblems({ limit, metric }: Guardrail): Generator<FieldError> {
  if (limit.kind === 'absolute') {
    if (!(limit.max >= 0)) yield at('limit.max', 'Give a number from 0')
    const isRate = countsRequests(metric) && metric.kind !== 'latency'
    if (isRate && limit.max >= 1) yield at('limit.max', 'A rate is a fraction below 1')
    if (metric.kind === 'latency' && limit.max < 1) yield at('limit.max', 'Give ms, at least 1')
  } else {
    const alone = ['breaker-openings', 'mismatch-rate', 'ledger-lag']
    if (alone.includes(metric.kind))
      yield at('limit.kind', `Legacy has no ${metric.kind} to compare with: give an absolute limit`)
    if (!(limit.factor >= 1 && limit.factor <= 100)) yield at('limit.factor', 'Give a number from 1 to 100')
    if (!(limit.plus >= 0)) yield at('limit.plus', 'Give a number from 0')
    if (countsRequests(metric) && limit.plus >= 1) yield at('limit.plus', 'A rate is a fraction below 1')
  }
  if (!isWhole(limit.outOf, 1, 100)) yield at('limit.outOf', 'Give a whole number of windows, 1 to 100')
  if (!isWhole(limit.tolerates, 0, limit.outOf - 1))
    yield at('limit.tolerates', 'Tolerate fewer breaches than there are windows')
}

function* windowProblems({ windowMs, minimumSample, name }: Guardrail): Generator<FieldError> {
  if (name.trim() === '') yield at('name', 'Give it a name')
  if (!isWhole(windowMs, 10_000, 86_400_000)) yield at('windowMs', 'Give 10 s to a day')
  if (!isWhole(minimumSample, 1, 1_000_000))
    yield at('minimumSample', 'Give a whole number of requests, at least 1')
}

function at(path: string, message: string): FieldError {
  return { path, message }
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}
