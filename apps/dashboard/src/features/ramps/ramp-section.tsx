import type { PlanView } from '@crossfade/contracts/ramp'
import { Stack, Text } from '@mantine/core'
import { IconStairsUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { draftOf } from './ramp-draft.ts'
import { RampForm } from './ramp-form.tsx'
import { RampPanel } from './ramp-panel.tsx'
import { defaultGuardrailsQuery, rampQuery, type RampTarget } from './ramp-queries.ts'
import { TemplateChoice } from './template-choice.tsx'

/** The ramp of a mapping or group, or the way to get one. */
export function RampSection(props: { target: RampTarget; isThroughMember: boolean }) {
  const { target } = props
  const ramp = useQuery(rampQuery(target))
  if (ramp.isPending) return <LoadingRows rows={4} height={96} />
  if (ramp.data === undefined) return <ProblemNotice error={ramp.error} onRetry={() => void ramp.refetch()} />
  return (
    <Stack gap="md">
      {props.isThroughMember && (
        <Text size="sm">
          The ramp belongs to the group{' '}
          <AnchorLink to="/groups" search={{ group: target.id }}>
            {target.name}
          </AnchorLink>
          : all its mappings climb together.
        </Text>
      )}
      {ramp.data === null ? <NoRamp target={target} /> : <RampPanel ramp={ramp.data} target={target} />}
    </Stack>
  )
}

function NoRamp({ target }: { target: RampTarget }) {
  const guardrails = useQuery(defaultGuardrailsQuery())
  const [plan, setPlan] = useState<PlanView | null>(null)
  return (
    <>
      <EmptyState icon={<IconStairsUp />} title={`${target.name} has no ramp`}>
        The slider works alone. A ramp moves it for you, stage by stage, while guardrails hold, and stops or
        goes back when they do not.
      </EmptyState>
      {guardrails.error !== null && (
        <ProblemNotice error={guardrails.error} onRetry={() => void guardrails.refetch()} />
      )}
      <TemplateChoice onChoose={setPlan} />
      {plan !== null && guardrails.data !== undefined && (
        <RampForm
          target={target}
          ramp={null}
          start={draftOf(plan, guardrails.data.items, [])}
          onClose={() => setPlan(null)}
        />
      )}
    </>
  )
}
