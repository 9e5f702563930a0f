import classes from './sparkline.module.css'

export interface SparkPoint {
  readonly x: number
  /** null is a gap. */
  readonly y: number | null
}

/** Legacy and new in one small picture on one scale; `words` is what it says, for those who do not see it. */
export function SparkPair(props: {
  legacy: readonly SparkPoint[]
  fresh: readonly SparkPoint[]
  from: number
  to: number
  /** Smallest upper end of the scale. */
  atLeast: number
  words: string
  width?: number
  height?: number
}) {
  const width = props.width ?? 96
  const height = props.height ?? 28
  const top = Math.max(props.atLeast, ...[...props.legacy, ...props.fresh].map((point) => point.y ?? 0))
  const scale = { width, height, from: props.from, to: props.to, top }
  return (
    <svg width={width} height={height} role="img" aria-label={props.words} className={classes.spark}>
      <title>{props.words}</title>
      <path className={classes.legacy} d={sparkPath(props.legacy, scale)} />
      <path className={classes.fresh} d={sparkPath(props.fresh, scale)} />
    </svg>
  )
}

/** An SVG path; after a gap it begins anew. */
export function sparkPath(
  points: readonly SparkPoint[],
  scale: { width: number; height: number; from: number; to: number; top: number },
): string {
  const inset = 2
  let joined = false
  let path = ''
  for (const { x, y } of points) {
    if (y === null || x < scale.from) {
      joined = false
      continue
    }
    const px = ((x - scale.from) / (scale.to - scale.from)) * scale.width
    const py = scale.height - inset - (y / scale.top) * (scale.height - 2 * inset)
    path += `${joined ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}`
    // A point of its own is a line without length; round caps make it a dot.
    if (!joined) path += `l0 0`
    joined = true
  }
  return path
}
