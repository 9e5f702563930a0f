import type { JudgementView } from './verdict-words.ts'
import classes from './interval-bar.module.css'

/** Where new's true number lies, what was measured, and the limit; the words next to it say the same. */
export function IntervalBar({ judgement }: { judgement: JudgementView }) {
  const { measured, limit, interval } = judgement
  if (measured === null || limit === null) return null
  const top = Math.max(measured, limit, Math.min(interval?.high ?? 0, 4 * Math.max(limit, measured))) * 1.1
  if (top <= 0) return null
  const at = (value: number) => `${Math.min(100, Math.max(0, (value / top) * 100))}%`
  return (
    <div className={classes.bar} aria-hidden>
      {interval !== null && (
        <div
          className={classes.interval}
          style={{ left: at(interval.low), right: `calc(100% - ${at(interval.high)})` }}
        />
      )}
      <div className={classes.measured} style={{ left: at(measured) }} />
      <div className={classes.limit} style={{ left: at(limit) }} />
    </div>
  )
}
