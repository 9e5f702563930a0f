import { chanceFrom } from '@crossfade/testkit/ramp-simulator/chance'
import { seededRandom } from '@crossfade/testkit/seeded-random'
import { ours } from './ours.ts'
import { argo, flagger, minuteOf, valueOf, type Measure, type Minute, type Rule } from './rivals.ts'
import { randomStream, windowOf, type Fault, type Stream } from './streams.ts'

/** `seconds` is the width of the windows that are judged: shorter ones would only cost time. */
export interface Setting {
  readonly perSecond: number
  readonly seconds: number
  /** A healthy ramp; faults begin at a quarter of it. */
  readonly healthyMs: number
  /** How long to wait for a fault to be found. */
  readonly patienceMs: number
}

export interface Run {
  /** When ours failed, ms from the beginning; null for never. */
  readonly failedAt: number | null
  readonly minutes: readonly Minute[]
}

export function simulate(setting: Setting, troubled: boolean, fault: Fault, seed: number): Run {
  const chance = chanceFrom(seededRandom(seed))
  const faultAt = fault === 'none' ? Number.POSITIVE_INFINITY : setting.healthyMs / 4
  const stream: Stream = randomStream(setting.perSecond, troubled, fault, faultAt, chance)
  const until = fault === 'none' ? setting.healthyMs : faultAt + setting.patienceMs
  const fails = ours(stream.part)
  const minutes: Minute[] = []
  let failedAt: number | null = null
  let minute = []
  for (let at = 0; at < until; at += setting.seconds * 1_000) {
    const window = windowOf(stream, at, setting.seconds, chance)
    const end = at + setting.seconds * 1_000
    if (failedAt === null && fails(window)) failedAt = end
    minute.push(window)
    if (end % 60_000 !== 0) continue
    minutes.push(minuteOf(minute))
    minute = []
  }
  return { failedAt, minutes }
}

/** When a rule failed, ms from the beginning; null for never. */
export function firedAt(rule: Rule, minutes: readonly Minute[]): number | null {
  const fires = rule.begin()
  const index = minutes.findIndex((minute) => fires(minute))
  return index === -1 ? null : (index + 1) * 60_000
}

/**
 * The lowest threshold with which a rule stops no more of these healthy ramps than `allowed`: what somebody could
 * set who knew them all beforehand.
 */
export function tuned(
  make: (measure: Measure, threshold: number) => Rule,
  measure: Measure,
  healthy: readonly Run[],
  allowed: number,
): Rule {
  const highest = make === argo ? 1 : 5
  // What would just not stop a ramp: its highest value, or its fifth highest.
  const peaks = healthy.map(({ minutes }) => {
    const values = minutes.map((minute) => valueOf(minute, measure) ?? 0).sort((a, b) => b - a)
    return values[highest - 1] ?? 0
  })
  return make(measure, peaks.sort((a, b) => b - a)[allowed] ?? 0)
}

export const rivals = [argo, flagger]
