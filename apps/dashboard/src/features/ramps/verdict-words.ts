import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { countWords, fractionWords, plain } from '@crossfade/core/words'

export type JudgementView = RampDetail['judgements'][number]
export type Verdict = JudgementView['verdict']

export const verdictWords: Readonly<Record<Verdict, string>> = {
  fail: 'Fails',
  error: 'No numbers',
  inconclusive: 'Too early to tell',
  pass: 'Passes',
}

const gravity: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'pass']

/** The worst first; what only tells or runs dry after what holds. */
export function byGravity(judgements: readonly JudgementView[]): JudgementView[] {
  const rank = (one: JudgementView) =>
    gravity.indexOf(one.verdict) + (one.dryRun || one.action === 'alert' ? 0.5 : 0)
  return [...judgements].sort((a, b) => rank(a) - rank(b))
}

/** A number of a judgement in its unit. */
export function numberWords(unit: JudgementView['unit'], value: number): string {
  switch (unit) {
    case 'fraction':
      return fractionWords(value)
    case 'count':
      return countWords(value)
    case 'seconds':
      return `${plain(value)} s`
    case 'value':
      return plain(value)
  }
}

/** What happens when it fails. */
export function actionWords({ action, dryRun }: Pick<JudgementView, 'action' | 'dryRun'>): string {
  if (dryRun) return 'dry run: recorded, never acted on'
  return {
    alert: 'tells people when it fails',
    pause: 'pauses the ramp when it fails',
    'roll-back': 'rolls back when it fails',
  }[action]
}

/** The judgements of a ramp in one line: `1 fails, 2 are too early to tell, 2 pass`. */
export function summaryWords(judgements: readonly JudgementView[]): string {
  const counts = gravity
    .map((verdict) => ({ verdict, count: judgements.filter((one) => one.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
  if (counts.length === 0) return 'Nothing has been judged yet'
  return counts.map(({ verdict, count }) => `${count} ${countedWords(verdict, count)}`).join(', ')
}

function countedWords(verdict: Verdict, count: number): string {
  const one = count === 1
  switch (verdict) {
    case 'fail':
      return one ? 'fails' : 'fail'
    case 'error':
      return one ? 'has no numbers' : 'have no numbers'
    case 'inconclusive':
      return one ? 'is too early to tell' : 'are too early to tell'
    case 'pass':
      return one ? 'passes' : 'pass'
  }
}
