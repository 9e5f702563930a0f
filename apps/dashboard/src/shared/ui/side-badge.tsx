import type { Side } from '@crossfade/core/model'
import classes from './side.module.css'

/** A side is never told by colour alone: the word, and a dashed grey or solid accent line as in every chart. */
export function SideBadge(props: { side: Side; label?: string }) {
  return (
    <span className={classes.badge} data-side={props.side}>
      <span className={classes.line} aria-hidden />
      {props.label ?? props.side}
    </span>
  )
}
