import type { AgentView } from '@crossfade/contracts/api/agents'
import type { GroupView } from '@crossfade/contracts/api/groups'
import { sharePreviewSchema, type Moves } from '@crossfade/contracts/api/preview'
import { Button, Group, List, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '../../shared/api.ts'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { percentText } from '../../shared/format.ts'
import { useAllowed, WhyNot } from '../../shared/permission.tsx'
import { tidy } from '../../shared/share/share-scale.ts'
import { ShareSlider } from '../../shared/share/share-slider.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { howFar, howFarText } from './how-far.ts'
import type { useGroupShare } from './use-group-share.ts'

/** The slider of a group: staged here, applied once, followed to the agents. */
export function GroupSharePanel(props: {
  group: GroupView
  acts: ReturnType<typeof useGroupShare>
  agents: readonly AgentView[]
  /** Why a raise must wait; empty when it may go on. */
  raiseBlock: string
}) {
  const { group, acts, agents } = props
  const { percent } = group.split
  const [draft, setDraft] = useState<{ percent: number; basedOn: number } | null>(null)
  const [reason, setReason] = useState('')
  const applyButton = useRef<HTMLButtonElement>(null)
  const role = useAllowed('share.change')
  const staged = draft !== null && draft.percent !== percent
  const blocked = !role.allowed ? role.why : staged && draft.percent > percent ? props.raiseBlock : ''
  const preview = useQuery({
    queryKey: ['groups', 'share-preview', group.id, draft?.percent],
    queryFn: ({ signal }) =>
      api.send('POST', `/groups/${group.id}/share/preview`, { percent: draft?.percent }, sharePreviewSchema, {
        signal,
      }),
    enabled: staged,
    placeholderData: keepPreviousData,
  })
  const discard = () => {
    setDraft(null)
    acts.dismiss()
  }
  const apply = (basedOn: number) => {
    if (!staged || blocked !== '' || acts.isApplying) return
    acts.apply(
      { percent: draft.percent, basedOn, reason: reason.trim() },
      {
        onSuccess: () => {
          setDraft(null)
          setReason('')
        },
      },
    )
  }
  const progress = acts.accepted === null ? null : howFar(agents, acts.accepted.revision)
  return (
    <Paper withBorder p="lg" component="section" aria-label="Share of the group">
      <Title order={2} size="h4" mb="sm">
        {percentText(percent)} on the new services
      </Title>
      <ShareSlider
        accepted={percent}
        draft={draft?.percent ?? null}
        measured={null}
        isLive={progress === null || progress.isLive}
        readOnly={!role.allowed}
        onDraft={(next) =>
          setDraft((before) => ({ percent: tidy(next), basedOn: before?.basedOn ?? group.shareVersion }))
        }
        onApply={() => draft !== null && apply(draft.basedOn)}
        onDiscard={discard}
        onRelease={() => applyButton.current?.focus()}
      />
      <Stack gap="sm" mt="md">
        {staged && (
          <Paper
            p="md"
            role="group"
            aria-label="Not applied yet"
            style={{ background: 'var(--cf-new-soft)' }}
          >
            <Stack gap="sm">
              <Text fw={650}>
                {percentText(percent)} → {percentText(draft.percent)}, all {group.members.length} members
                together
              </Text>
              <MemberMoves moves={preview.data?.moves ?? []} />
              <Group gap="sm" align="flex-end">
                <TextInput
                  aria-label="Reason (optional)"
                  placeholder="Reason (optional)"
                  maxLength={500}
                  value={reason}
                  onChange={(event) => setReason(event.currentTarget.value)}
                  style={{ flex: '1 1 180px' }}
                />
                <Button variant="default" onClick={discard}>
                  Discard
                </Button>
                <WhyNot why={blocked}>
                  <Button
                    ref={applyButton}
                    onClick={() => apply(draft.basedOn)}
                    {...(blocked !== '' && { 'data-disabled': true, 'aria-disabled': true })}
                  >
                    {acts.isApplying ? 'Applying…' : `Apply ${percentText(draft.percent)}`}
                  </Button>
                </WhyNot>
              </Group>
              {blocked !== '' && <Text size="sm">{blocked}</Text>}
            </Stack>
          </Paper>
        )}
        {acts.problem !== null && <ProblemNotice error={acts.problem} />}
        <Text size="sm" role="status">
          {acts.accepted !== null && !staged && (
            <>
              {percentText(acts.accepted.percentBefore)} → {percentText(acts.accepted.percent)}.{' '}
              {howFarText(agents, acts.accepted.revision)}
            </>
          )}
        </Text>
      </Stack>
      <ConflictDialog
        conflict={acts.conflict}
        isSaving={acts.isApplying}
        onApplyMine={() => acts.conflict !== null && apply(acts.conflict.currentVersion)}
        onKeepTheirs={discard}
        onClose={discard}
      />
    </Paper>
  )
}

function MemberMoves({ moves }: { moves: readonly Moves[] }) {
  if (moves.length === 0) return null
  return (
    <List size="sm">
      {moves.map(({ mappingId, name, percentToNew, percentToLegacy }) => (
        <List.Item key={mappingId}>
          {name}: {percentToNew > 0 && `${percentText(percentToNew)} move to new`}
          {percentToLegacy > 0 && `${percentText(percentToLegacy)} move back to legacy`}
        </List.Item>
      ))}
    </List>
  )
}
