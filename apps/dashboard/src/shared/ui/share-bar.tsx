import { percentText } from '../format.ts'
import classes from './share-bar.module.css'

/**
 * The share as asked (solid fill, hatched until it is live) and, as a small tick, what the agents measured.
 * Both in percent; `measured` is null without enough traffic to say.
 */
export function ShareBar(props: {
  percent: number
  measured?: number | null
  live?: boolean
  width?: number | string
}) {
  const measured = props.measured ?? null
  const words =
    measured === null ? 'not measured yet' : `${percentText(Math.round(measured * 10) / 10)} measured`
  return (
    <div className={classes.row} style={{ width: props.width ?? '100%' }}>
      <div
        className={classes.track}
        role="img"
        aria-label={`${percentText(props.percent)} asked, ${words}`}
        title={words}
      >
        <div
          className={classes.fill}
          data-pending={props.live === false || undefined}
          style={{ width: `${props.percent}%` }}
        />
        {measured !== null && (
          <div className={classes.tick} style={{ left: `${Math.min(100, Math.max(0, measured))}%` }} />
        )}
      </div>
      <span className={classes.text}>{percentText(props.percent)}</span>
    </div>
  )
}
