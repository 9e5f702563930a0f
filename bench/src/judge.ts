import { table } from './machine.ts'
import { firedAt, rivals, simulate, tuned, type Run, type Setting } from './judge/measure.ts'
import type { Measure } from './judge/rivals.ts'

const HOUR = 3_600_000
const settings: readonly Setting[] = [
  { perSecond: 1, seconds: 60, healthyMs: 12 * HOUR, patienceMs: 48 * HOUR },
  { perSecond: 10, seconds: 10, healthyMs: 4 * HOUR, patienceMs: 12 * HOUR },
  { perSecond: 100, seconds: 5, healthyMs: HOUR, patienceMs: 2 * HOUR },
]
const HEALTHY = 1_000
const FAULTY = 50

/** False roll backs and time to detect, next to thresholds of Argo's and Flagger's kind on the same streams. */
export function judgeBench(): string {
  const rows = [false, true].flatMap((troubled) => settings.flatMap((setting) => rowsOf(setting, troubled)))
  return [
    `## Judging: ${HEALTHY} healthy ramps, ${FAULTY} of each fault, a quarter of the traffic on new`,
    '',
    table([
      [
        'streams',
        'requests/s',
        'rule',
        'false roll backs in 1 000',
        'errors ×2: median (p90)',
        'p95 +30 %: median (p90)',
      ],
      ...rows,
    ]),
  ].join('\n')
}

function rowsOf(setting: Setting, troubled: boolean): string[][] {
  const started = performance.now()
  const healthy = runs(HEALTHY, setting, troubled, 'none', 1_000_000)
  const errors = runs(FAULTY, setting, troubled, 'errors-doubled', 2_000_000)
  const slow = runs(FAULTY, setting, troubled, 'p95-slower', 3_000_000)
  const faultAt = setting.healthyMs / 4
  const found = (run: Run) => run.failedAt
  const falsely = healthy.filter(({ failedAt }) => failedAt !== null).length
  const name = [troubled ? 'varied, troubled' : 'steady', String(setting.perSecond)]
  const mine = [...name, 'ours', String(falsely), times(errors, faultAt, found), times(slow, faultAt, found)]
  const theirs = rivals.map((make) => {
    const rule = (measure: Measure) => tuned(make, measure, healthy, falsely)
    const [byErrors, byP95] = [rule('errors'), rule('p95')]
    return [
      ...name,
      byErrors.name,
      `${falsely} (tuned)`,
      times(errors, faultAt, ({ minutes }) => firedAt(byErrors, minutes)),
      times(slow, faultAt, ({ minutes }) => firedAt(byP95, minutes)),
    ]
  })
  console.error(`${name.join(', ')}: ${Math.round((performance.now() - started) / 1_000)} s`)
  return [mine, ...theirs]
}

function runs(
  count: number,
  setting: Setting,
  troubled: boolean,
  fault: Parameters<typeof simulate>[2],
  seed: number,
): Run[] {
  return Array.from({ length: count }, (_, index) => simulate(setting, troubled, fault, seed + index))
}

/** Of those that were found after the fault began; how many were not is said. */
function times(found: readonly Run[], faultAt: number, at: (run: Run) => number | null): string {
  const delays = found
    .map((run) => at(run))
    .map((when) => (when === null || when < faultAt ? Number.POSITIVE_INFINITY : when - faultAt))
    .sort((a, b) => a - b)
  const quantile = (p: number) => {
    const delay = delays[Math.floor((delays.length - 1) * p)] ?? Number.POSITIVE_INFINITY
    return Number.isFinite(delay) ? spanWords(delay) : 'never'
  }
  const missed = delays.filter((delay) => !Number.isFinite(delay)).length
  return `${quantile(0.5)} (${quantile(0.9)})${missed > 0 ? `, ${missed} missed` : ''}`
}

function spanWords(ms: number): string {
  if (ms < 90 * 60_000) return `${(ms / 60_000).toFixed(1)} min`
  return `${(ms / HOUR).toFixed(1)} h`
}
