import { Tooltip } from '@mantine/core'
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconAlertCircleFilled,
} from '@tabler/icons-react'

const looks = {
  healthy: { icon: IconCircleCheckFilled, color: 'var(--cf-good)' },
  degraded: { icon: IconAlertCircleFilled, color: 'var(--cf-warn)' },
  down: { icon: IconCircleXFilled, color: 'var(--cf-bad)' },
  unknown: { icon: IconCircleDashed, color: 'var(--mantine-color-dimmed)' },
}

/** Shape, colour and words: tick, exclamation mark, cross, or a dashed ring when nobody knows. */
export function HealthDot(props: { health: keyof typeof looks; words: string; size?: number }) {
  const { icon: HealthIcon, color } = looks[props.health]
  return (
    <Tooltip label={props.words} withArrow>
      <span role="img" aria-label={`${props.health}: ${props.words}`} style={{ display: 'inline-flex' }}>
        <HealthIcon size={props.size ?? 16} color={color} aria-hidden />
      </span>
    </Tooltip>
  )
}
