import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { durationWords } from '@crossfade/core/words'
import { Button, Group, Modal, NativeSelect, Radio, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useClock } from '../../shared/clock.tsx'
import { percentText } from '../../shared/format.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { AskApproval } from '../approvals/ask-approval.tsx'
import { checkAct, skipTargets } from './act-check.ts'
import { reasonOf, type RampActs } from './use-ramp-acts.ts'

export type AskedAct =
  | 'start'
  | 'advance'
  | 'skip'
  | 'hold-longer'
  | 'stop'
  | 'step-back'
  | 'approve'
  | 'note'

/** Asks what an act needs to know, says what it will do, and keeps a refusal in front of whoever acts. */
export function ActDialog(props: { ramp: RampDetail; act: AskedAct; acts: RampActs; onClose: () => void }) {
  const { ramp, act, acts, onClose } = props
  const now = useClock().now()
  const targets = act === 'skip' ? skipTargets(ramp, now) : []
  // What was on the screen when it opened is what the person means to leave.
  const [leaving] = useState(ramp.run.stage)
  const [reason, setReason] = useState('')
  const [to, setTo] = useState(String(targets[0] ?? ''))
  const [minutes, setMinutes] = useState('30')
  const needsReason = needOf(ramp, act, now)
  const isMissing = needsReason !== '' && reason.trim() === ''
  const { title, label, words } = saying(ramp, act)
  const send = async () => {
    if (isMissing) return
    const why = reasonOf(reason)
    const done = await sendAct(acts, act, { why, leaving, to: Number(to), minutes: Number(minutes) })
    if (done) onClose()
  }
  const close = () => {
    acts.dismiss()
    onClose()
  }
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <Stack>
          <Text size="sm">{words}</Text>
          {act === 'skip' && (
            <NativeSelect
              label="To"
              data={targets.map((index) => ({
                value: String(index),
                label: `Stage ${index + 1}: ${percentText(ramp.plan.stages[index]?.percent ?? 0)}`,
              }))}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          )}
          {act === 'hold-longer' && (
            <Radio.Group label="Longer by" value={minutes} onChange={setMinutes}>
              <Group mt={6}>
                {['5', '30', '120', '1440'].map((value) => (
                  <Radio key={value} value={value} label={durationWords(Number(value) * 60_000)} />
                ))}
              </Group>
            </Radio.Group>
          )}
          <Textarea
            data-autofocus
            rows={2}
            maxLength={500}
            label={act === 'note' ? 'Remark' : needsReason === '' ? 'Reason (optional)' : 'Reason'}
            description={needsReason === '' || act === 'note' ? undefined : needsReason}
            required={needsReason !== ''}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {acts.problem !== null && (
            <ProblemNotice error={acts.problem} title={`Not done: ${acts.problem.title}`} />
          )}
          {acts.problem?.code === 'approval_required' && (
            <AskApproval
              change={{ act: 'ramp-stage', rampId: ramp.id, leaving }}
              reason={reason}
              onAsked={close}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={acts.busy !== null}
              {...(isMissing && { 'data-disabled': true, 'aria-disabled': true })}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function needOf(ramp: RampDetail, act: AskedAct, now: number): string {
  if (act === 'note') return 'Say something'
  if (act === 'skip') return 'Say why the stages between are not needed.'
  return checkAct(ramp, act, now).needsReason
}

function sendAct(
  acts: RampActs,
  act: AskedAct,
  parts: { why: { reason?: string }; leaving: number; to: number; minutes: number },
): Promise<boolean> {
  const { why, leaving, to } = parts
  switch (act) {
    case 'start':
    case 'stop':
    case 'step-back':
      return acts.perform(act, why)
    case 'advance':
    case 'approve':
      return acts.perform(act, { leaving, ...why })
    case 'skip':
      return acts.perform('skip', { leaving, to, ...why })
    case 'hold-longer':
      return acts.perform('hold-longer', { leaving, ms: parts.minutes * 60_000, ...why })
    case 'note':
      return acts.perform('note', { text: why.reason ?? '' })
  }
}

function saying({ run, plan, target }: RampDetail, act: AskedAct) {
  const percent = percentText(run.percent)
  const stage = (index: number) => percentText(plan.stages[index]?.percent ?? 0)
  switch (act) {
    case 'start':
      return {
        title: `Start the ramp of ${target.name}?`,
        label: `Start at ${stage(0)}`,
        words: `The share goes from ${percent} to ${stage(0)} now, and climbs from there by itself as far as the plan and the guardrails let it.`,
      }
    case 'advance':
      return {
        title: 'Advance to the next stage?',
        label: `Advance to ${stage(run.stage + 1)}`,
        words: `The share of ${target.name} goes from ${percent} to ${stage(run.stage + 1)} now.`,
      }
    case 'skip':
      return {
        title: 'Skip stages?',
        label: 'Skip',
        words: `The share of ${target.name} goes from ${percent} straight to a later stage. The audit trail keeps what was skipped, and why.`,
      }
    case 'hold-longer':
      return {
        title: 'Hold this stage longer?',
        label: 'Hold longer',
        words: `The ramp stays at ${percent} for longer before it goes on.`,
      }
    case 'stop':
      return {
        title: `Stop the ramp of ${target.name}?`,
        label: 'Stop the ramp',
        words: `The rest of the plan is given up. The share stays at ${percent}, and guardrails stay on guard.`,
      }
    case 'step-back':
      return {
        title: 'Roll back step by step?',
        label: 'Step back',
        words: `The same plan is walked down from ${percent}, one stage every ${durationWords(plan.stepBackMs)}, for a legacy side that has gone cold. In an emergency use Roll back: it goes to 0 % at once.`,
      }
    case 'approve':
      return {
        title: `Approve leaving stage ${run.stage + 1}?`,
        label: 'Approve',
        words: `Once everything else is in order, the share may go from ${percent} to ${stage(run.stage + 1)}.`,
      }
    case 'note':
      return {
        title: 'Add a remark',
        label: 'Add',
        words: 'It stands in the history of this ramp, with your name.',
      }
  }
}
