import type { Change } from '@crossfade/contracts/api/changes'
import { Alert, Group, Paper, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconLock, IconStack2 } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { percentText } from '../../shared/format.ts'
import { useAllowed } from '../../shared/permission.tsx'
import { focusIfLost, useFocusKept } from '../../shared/use-focus-kept.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { measuredOf } from '../live/measured.ts'
import { useLive } from '../live/live-provider.tsx'
import { ApplyBar } from './apply-bar.tsx'
import { wordsOf } from './draft-words.ts'
import { LiveNote, useProgress } from './live-note.tsx'
import { AskApproval } from '../approvals/ask-approval.tsx'
import { useRaiseBlock } from '../governance/use-raise-block.ts'
import { useHandMoveNote } from '../ramps/ramp-banner.tsx'
import { targetOf, type Movable } from './movable.ts'
import { ShareField } from './share-field.tsx'
import { ShareConflict } from './share-conflict.tsx'
import { tidy } from '../../shared/share/share-scale.ts'
import { ShareSlider } from '../../shared/share/share-slider.tsx'
import type { ShareActs, ShareNow } from './use-share.ts'

interface Draft {
  readonly percent: number
  /** What the share was when the draft began. */
  readonly from: number
  readonly basedOn: number
}

/** Draft, apply, and how far it is: the heart of the pages of a mapping and of a group. */
export function SharePanel(props: { movable: Movable; share: ShareNow; acts: ShareActs }) {
  const { movable, share, acts } = props
  const [draft, setDraft] = useState<Draft | null>(null)
  const [reason, setReason] = useState('')
  const applyButton = useRef<HTMLButtonElement>(null)
  const handle = useRef<HTMLElement>(null)
  const role = useAllowed('share.change')
  const raiseBlocked = useRaiseBlock()
  const numbers = useLive((state) => state.view?.numbers ?? none)
  const progress = useProgress(acts.accepted)
  const handMove = useHandMoveNote(targetOf(movable))

  const measured = measuredOf(numbers, movable.mappingIds, 10)
  const staged = draft !== null && draft.percent !== share.percent
  const isRaise = draft !== null && draft.percent > share.percent
  const blocked = !role.allowed ? role.why : isRaise ? raiseBlocked : null
  const mover = useLive((state) => lastMover(state.view?.changes ?? none, movable.id))
  const overtaken = draft !== null && share.shareVersion > draft.basedOn && !acts.isApplying
  // The Apply bar goes away with its buttons.
  useFocusKept(handle, staged)

  const change = (percent: number) => {
    if (acts.problem !== null) acts.dismiss()
    setDraft((before) => ({
      percent: tidy(percent),
      from: before?.from ?? share.percent,
      basedOn: before?.basedOn ?? share.shareVersion,
    }))
  }
  const discard = () => {
    setDraft(null)
    acts.dismiss()
  }
  const apply = async (basedOn: number) => {
    if (draft === null || !staged || blocked !== null || acts.isApplying) return
    const sent = draft.percent
    if (!(await acts.apply(sent, basedOn, reason.trim()))) return
    setReason('')
    setDraft((now) => (now?.percent === sent ? null : now))
  }
  const applyDraft = () => void apply(draft?.basedOn ?? share.shareVersion)

  const readOnly = movable.pointOfNoReturn
  const total = measured.legacy.perSecond + measured.new.perSecond
  const words = draft === null ? null : wordsOf(movable.identity, share.percent, draft.percent, total)
  return (
    <Paper withBorder p="lg" h="100%" component="section" aria-labelledby="share-heading">
      <Group justify="space-between" align="center" gap="sm">
        <Title order={2} size="h4" id="share-heading">
          {movable.kind === 'group' && !movable.isThroughMember
            ? 'Share on the new services'
            : 'Share on the new service'}
        </Title>
        <ShareField
          percent={draft?.percent ?? share.percent}
          readOnly={readOnly}
          onDraft={change}
          onApply={applyDraft}
          onDiscard={() => draft !== null && discard()}
        />
      </Group>
      <ShareSlider
        ref={handle}
        accepted={share.percent}
        draft={draft?.percent ?? null}
        measured={measured.percent}
        isLive={progress?.isLive ?? true}
        readOnly={readOnly}
        onDraft={change}
        onApply={applyDraft}
        onDiscard={discard}
        onRelease={() => applyButton.current?.focus()}
      />
      <Stack gap="sm" mt="xs">
        <Text size="xs" c="dimmed" ta="center">
          {measured.percent === null
            ? 'No traffic in the last 10 s to measure'
            : `▲ measured in the last 10 s: ${percentText(Math.round(measured.percent * 10) / 10)}`}
        </Text>
        {movable.isThroughMember && (
          <Group gap={6}>
            <IconStack2 size={16} aria-hidden />
            <Text size="sm">
              The share belongs to the group{' '}
              <AnchorLink to="/groups" search={{ group: movable.id }}>
                {movable.name}
              </AnchorLink>
              : all its mappings move together.
            </Text>
          </Group>
        )}
        {movable.kind === 'group' && !movable.isThroughMember && movable.mappingIds.length > 1 && (
          <Text size="sm">All {movable.mappingIds.length} members move together.</Text>
        )}
        {readOnly && (
          <Alert color="gray" icon={<IconLock aria-hidden />}>
            The data of this mapping has moved: everything goes to new, for good.
          </Alert>
        )}
        {overtaken && (
          <Alert color="yellow" title={`${mover ?? 'Somebody'} set ${percentText(share.percent)} meanwhile`}>
            Your {percentText(draft.percent)} is not applied. It was based on {percentText(draft.from)}.
          </Alert>
        )}
        {staged && words !== null && (
          <ApplyBar
            ref={applyButton}
            percent={draft.percent}
            words={words}
            handMove={handMove}
            reason={reason}
            onReason={setReason}
            blocked={blocked}
            isApplying={acts.isApplying}
            writesMove={isRaise && share.percent === 0 ? movable.writes : none}
            onApply={applyDraft}
            onDiscard={discard}
          />
        )}
        {acts.problem !== null && (
          <ProblemNotice error={acts.problem} title={`Not applied: ${acts.problem.title}`} />
        )}
        {acts.problem?.code === 'approval_required' && staged && (
          <AskApproval
            change={{
              act: 'share',
              target: { kind: movable.kind, id: movable.id },
              percent: draft.percent,
              ifVersion: draft.basedOn,
            }}
            reason={reason}
            onAsked={discard}
          />
        )}
        {!staged && acts.accepted !== null && acts.accepted.act !== 'rollback' && (
          <LiveNote accepted={acts.accepted} />
        )}
        {!staged && !role.allowed && (
          <Text size="sm" c="dimmed">
            {role.why}
          </Text>
        )}
      </Stack>
      <Announcer
        text={
          acts.isApplying && draft !== null
            ? `Applying ${percentText(draft.percent)}`
            : staged
              ? `${percentText(share.percent)} now, ${percentText(draft.percent)} not applied yet`
              : `${percentText(share.percent)} new, ${percentText(tidy(100 - share.percent))} legacy`
        }
      />
      <ShareConflict
        conflict={acts.conflict}
        mine={draft?.percent ?? null}
        of={movable}
        isApplying={acts.isApplying}
        onApplyMine={() => {
          if (acts.conflict !== null) void apply(acts.conflict.currentVersion)
        }}
        onKeepTheirs={discard}
        onClosed={() => focusIfLost(handle.current)}
      />
    </Paper>
  )
}

/** One polite voice outside the slider: it speaks when the hand rests, not at every step. */
function Announcer({ text }: { text: string }) {
  const [settled] = useDebouncedValue(text, 400)
  return (
    <VisuallyHidden role="status" aria-live="polite" data-testid="announcer">
      {settled}
    </VisuallyHidden>
  )
}

/** Who moved this share last, as far as the feed has told. */
function lastMover(changes: readonly Change[], id: string): string | null {
  const moved = changes.find(({ object, act }) => object.id === id && /\.(share|rollback)$/.test(act))
  return moved?.actor.name ?? null
}

const none: readonly never[] = []
