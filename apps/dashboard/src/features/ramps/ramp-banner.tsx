import { Alert, Group, Text } from '@mantine/core'
import { IconHandMove, IconStairsUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { isUnderWay, rampQuery, type RampTarget } from './ramp-queries.ts'
import { useRampActs } from './use-ramp-acts.ts'
import type { RampDetail } from '@crossfade/contracts/api/ramps'

/** Beside the slider: what the ramp does with it, and the way on after a hand move. `more` leads to the ramp. */
export function RampBanner({ target, more }: { target: RampTarget; more: ReactNode }) {
  const { data: ramp } = useQuery(rampQuery(target))
  if (ramp === undefined || ramp === null) return null
  const { run, plan } = ramp
  if (run.status === 'paused' && run.pausedBy === 'hand-move') return <HandMoved ramp={ramp} more={more} />
  if (run.status === 'ended' || run.status === 'ready') return null
  return (
    <Alert
      role="note"
      variant="light"
      color={run.status === 'running' ? 'indigo' : 'yellow'}
      icon={<IconStairsUp aria-hidden />}
      title={`Ramp ${run.status === 'running' ? 'running' : run.status === 'paused' ? 'paused' : 'stepping back'}: stage ${run.stage + 1} of ${plan.stages.length}`}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">{run.words}</Text>
        {more}
      </Group>
    </Alert>
  )
}

function HandMoved({ ramp, more }: { ramp: RampDetail; more: ReactNode }) {
  const acts = useRampActs(ramp)
  return (
    <Alert
      role="note"
      color="yellow"
      icon={<IconHandMove aria-hidden />}
      title="The ramp is paused: the slider was moved by hand"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">It goes on with its plan from the share that is set now, when you say so.</Text>
        <Group gap="sm">
          {more}
          <AllowedButton
            permission="ramp.run"
            size="xs"
            loading={acts.busy === 'resume-from-here'}
            onClick={() => void acts.perform('resume-from-here', {})}
          >
            Resume from here
          </AllowedButton>
        </Group>
      </Group>
      {acts.problem !== null && (
        <ProblemNotice error={acts.problem} title={`Not done: ${acts.problem.title}`} />
      )}
    </Alert>
  )
}

/** What moving the slider would do to the ramp; null when nothing. */
export function useHandMoveNote(target: RampTarget): string | null {
  const { data: ramp } = useQuery(rampQuery(target))
  return isUnderWay(ramp ?? null) ? 'A ramp is under way: moving the slider by hand pauses it.' : null
}
