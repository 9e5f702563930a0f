import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { Button, Group, Menu, Text } from '@mantine/core'
import {
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useNow } from '../../shared/clock.tsx'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { useAllowed } from '../../shared/permission.tsx'
import { useRaiseBlock } from '../governance/use-raise-block.ts'
import { ActDialog, type AskedAct } from './act-dialog.tsx'
import { checkAct, skipTargets, type CheckedAct } from './act-check.ts'
import { isUnderWay } from './ramp-queries.ts'
import type { RampActs } from './use-ramp-acts.ts'

/** Everything a person can do to the ramp: what is usual now as buttons, the rest in a menu, each with why not. */
export function RampActions(props: {
  ramp: RampDetail
  acts: RampActs
  onEdit: () => void
  onDelete: () => void
}) {
  const { ramp, acts } = props
  const { run } = ramp
  const now = useNow(5_000)
  const block = useRaiseBlock() ?? ''
  const [asking, setAsking] = useState<AskedAct | null>(null)
  const why = (act: CheckedAct) => checkAct(ramp, act, now).why
  const raise = (act: CheckedAct) => why(act) || block
  const begins = run.status === 'ready' || (run.status === 'ended' && run.ending === 'rolled-back')
  return (
    <Group gap="sm">
      {begins && (
        <AllowedButton
          permission="ramp.run"
          why={raise('start')}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => setAsking('start')}
        >
          {run.status === 'ready' ? 'Start' : 'Start again'}
        </AllowedButton>
      )}
      {run.status === 'paused' && (
        <AllowedButton
          permission="ramp.run"
          why={why('resume')}
          loading={acts.busy === 'resume'}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => void acts.perform('resume', {})}
        >
          Resume
        </AllowedButton>
      )}
      {(run.status === 'paused' || (run.status === 'ready' && run.percent > 0)) && (
        <AllowedButton
          permission="ramp.run"
          variant="default"
          why={raise('resume-from-here')}
          loading={acts.busy === 'resume-from-here'}
          leftSection={<IconPlayerTrackNext size={16} aria-hidden />}
          onClick={() => void acts.perform('resume-from-here', {})}
        >
          {run.status === 'ready' ? 'Start from here' : 'Resume from here'}
        </AllowedButton>
      )}
      {isUnderWay(ramp) && (
        <AllowedButton
          permission="ramp.run"
          variant="default"
          why={why('pause')}
          loading={acts.busy === 'pause'}
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          onClick={() => void acts.perform('pause', {})}
        >
          Pause
        </AllowedButton>
      )}
      {run.status === 'running' && (
        <AllowedButton
          permission="ramp.run"
          variant="default"
          why={raise('advance')}
          leftSection={<IconPlayerSkipForward size={16} aria-hidden />}
          onClick={() => setAsking('advance')}
        >
          Advance…
        </AllowedButton>
      )}
      <More
        ramp={ramp}
        now={now}
        why={why}
        block={block}
        onAsk={setAsking}
        onEdit={props.onEdit}
        onDelete={props.onDelete}
      />
      {asking !== null && <ActDialog ramp={ramp} act={asking} acts={acts} onClose={() => setAsking(null)} />}
    </Group>
  )
}

function More(props: {
  ramp: RampDetail
  now: number
  why: (act: CheckedAct) => string
  block: string
  onAsk: (act: AskedAct) => void
  onEdit: () => void
  onDelete: () => void
}) {
  const { ramp, why, block, onAsk } = props
  const runs = useAllowed('ramp.run')
  const edits = useAllowed('ramp.edit')
  const underWay = isUnderWay(ramp) ? 'The ramp is under way: pause it first' : ''
  const noTarget = skipTargets(ramp, props.now).length === 0
  const skipWhy = why('advance') || (noTarget ? 'There is no later stage to skip to' : block)
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" px="sm" aria-label="More acts on the ramp">
          <IconDots size={18} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw={340}>
        {ramp.run.status === 'running' && needsApproval(ramp) && (
          <Item label="Approve leaving…" why={runs.why || why('approve')} onClick={() => onAsk('approve')} />
        )}
        <Item
          label="Hold longer…"
          why={runs.why || why('hold-longer')}
          onClick={() => onAsk('hold-longer')}
        />
        <Item label="Skip to a later stage…" why={runs.why || skipWhy} onClick={() => onAsk('skip')} />
        <Item
          label="Roll back step by step…"
          why={runs.why || why('step-back')}
          onClick={() => onAsk('step-back')}
        />
        <Item label="Stop the ramp…" why={runs.why || why('stop')} onClick={() => onAsk('stop')} />
        <Item label="Add a remark…" why={runs.why} onClick={() => onAsk('note')} />
        <Menu.Divider />
        <Item label="Edit the plan…" why={edits.why || underWay} onClick={props.onEdit} />
        <Item label="Delete the ramp…" why={edits.why || underWay} onClick={props.onDelete} />
      </Menu.Dropdown>
    </Menu>
  )
}

/** It stays focusable, so that the reason can be read. */
function Item(props: { label: string; why: string; onClick: () => void }) {
  const blocked = props.why !== ''
  return (
    <Menu.Item
      onClick={() => !blocked && props.onClick()}
      closeMenuOnClick={!blocked}
      {...(blocked && { 'aria-disabled': true })}
    >
      {props.label}
      {blocked && (
        <Text size="xs" c="dimmed">
          {props.why}
        </Text>
      )}
    </Menu.Item>
  )
}

function needsApproval({ plan, run }: RampDetail): boolean {
  const gate = plan.stages[run.stage]?.gate
  return run.approval === null && (gate === 'approval' || run.waitsFor === 'approval')
}
