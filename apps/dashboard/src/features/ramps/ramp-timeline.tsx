import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { durationWords } from '@crossfade/core/words'
import { Text } from '@mantine/core'
import {
  IconArrowBackUp,
  IconCheck,
  IconMinus,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
} from '@tabler/icons-react'
import { useNow } from '../../shared/clock.tsx'
import { clockText, percentText } from '../../shared/format.ts'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import classes from './ramp-timeline.module.css'
import { useRemainingHold } from './remaining-hold.ts'
import { gateWords, lookWords, stageLooks, type StageLook } from './stage-looks.ts'

const icons: Partial<Record<StageLook, typeof IconCheck>> = {
  done: IconCheck,
  active: IconPlayerPlayFilled,
  paused: IconPlayerPauseFilled,
  skipped: IconMinus,
  left: IconArrowBackUp,
}

/** The plan from left to right, with where the ramp is and what each stage met. */
export function RampTimeline({ ramp }: { ramp: RampDetail }) {
  const looks = stageLooks(ramp)
  return (
    // Reached by keyboard, because it may scroll.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className={classes.stages} aria-label="Stages" tabIndex={0}>
      {ramp.plan.stages.map((stage, index) => {
        const look = looks[index] ?? 'later'
        const Icon = icons[look]
        const visit = ramp.visits.findLast((one) => one.stage === index)
        const isHere = look === 'active' || look === 'paused'
        return (
          <li
            // Stages have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            className={classes.stage}
            data-look={look}
            data-passed={look === 'done' || undefined}
            aria-current={isHere ? 'step' : undefined}
          >
            <span className={classes.mark} aria-hidden>
              {Icon === undefined ? index + 1 : <Icon size={14} />}
            </span>
            <div>
              <div className={classes.percent}>{percentText(stage.percent)}</div>
              <Text size="xs" fw={600}>
                {lookWords[look]}
                {visit?.leftAt != null && look === 'done' && (
                  <>
                    {' '}
                    <RelativeTime at={visit.leftAt} />
                  </>
                )}
              </Text>
              <Text size="xs" c="dimmed">
                {gateWords(stage, index === ramp.plan.stages.length - 1)}
              </Text>
              {stage.checklist.length > 0 && (
                <Text size="xs" c="dimmed">
                  {stage.checklist.length} {stage.checklist.length === 1 ? 'item' : 'items'} to tick
                </Text>
              )}
              {isHere && <HoldLeft ramp={ramp} />}
              {visit !== undefined && <Met results={visit.acceptance} />}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

function HoldLeft({ ramp }: { ramp: RampDetail }) {
  const remaining = useRemainingHold(ramp)
  const now = useNow(1000)
  if (ramp.run.status === 'paused')
    return <Text size="xs">timer stopped, {durationWords(remaining)} of the hold left</Text>
  if (remaining === 0) return null
  const counts = ramp.run.waitsFor === 'hold'
  return (
    <Text size="xs" style={{ fontVariantNumeric: 'tabular-nums' }}>
      {durationWords(remaining)} to hold
      {counts && `: moves on about ${clockText(now + remaining).slice(0, 5)} if guardrails hold`}
    </Text>
  )
}

function Met({ results }: { results: RampDetail['visits'][number]['acceptance'] }) {
  const judged = results.filter(({ met }) => met !== null)
  if (judged.length === 0) return null
  const met = judged.filter((one) => one.met === true).length
  return (
    <Text size="xs" c={met === judged.length ? 'var(--cf-good)' : 'var(--cf-bad)'}>
      {met === judged.length ? '✓' : '✗'} {met} of {judged.length} criteria met
    </Text>
  )
}
