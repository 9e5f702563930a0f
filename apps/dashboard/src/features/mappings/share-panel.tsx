import type { Change } from '@crossfade/contracts/api/changes'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Alert, Group, NumberInput, Paper, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconLock, IconStack2 } from '@tabler/icons-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import { percentText } from '../../shared/format.ts'
import { useAllowed } from '../../shared/permission.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { measuredOf } from '../live/measured.ts'
import { useFreshness, useLive } from '../live/live-provider.tsx'
import { ApplyBar } from './apply-bar.tsx'
import { wordsOf, writingMethods } from './draft-words.ts'
import { LiveNote, useProgress } from './live-note.tsx'
import { raiseBlock } from './raise-block.ts'
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

/** Draft, apply, and how far it is: the heart of the mapping page. */
export function SharePanel(props: { mapping: MappingView; share: ShareNow; acts: ShareActs }) {
  const { mapping, share, acts } = props
  const [draft, setDraft] = useState<Draft | null>(null)
  const [reason, setReason] = useState('')
  const applyButton = useRef<HTMLButtonElement>(null)
  const role = useAllowed('share.change')
  const freshness = useFreshness()
  const numbers = useLive((state) => state.view?.numbers ?? none)
  const progress = useProgress(acts.accepted)

  const measured = measuredOf(numbers, mapping.id, 10)
  const staged = draft !== null && draft.percent !== share.percent
  const isRaise = draft !== null && draft.percent > share.percent
  const blocked = !role.allowed ? role.why : isRaise ? raiseBlock(freshness) : null
  const mover = useLive((state) => lastMover(state.view?.changes ?? none, mapping))
  const overtaken = draft !== null && share.shareVersion > draft.basedOn && !acts.isApplying

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
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void apply(draft?.basedOn ?? share.shareVersion)
    if (event.key === 'Escape' && draft !== null) discard()
  }

  const readOnly = mapping.pointOfNoReturn
  const total = measured.legacy.perSecond + measured.new.perSecond
  const words = draft === null ? null : wordsOf(mapping.split, share.percent, draft.percent, total)
  return (
    <Paper withBorder p="lg" h="100%" component="section" aria-labelledby="share-heading">
      <Group justify="space-between" align="center" gap="sm">
        <Title order={2} size="h4" id="share-heading">
          Share on the new service
        </Title>
        <NumberInput
          aria-label="Share in per cent"
          value={draft?.percent ?? share.percent}
          onChange={(value) => typeof value === 'number' && change(value)}
          onKeyDown={keys}
          min={0}
          max={100}
          step={1}
          decimalScale={2}
          clampBehavior="strict"
          allowNegative={false}
          suffix=" %"
          w={116}
          readOnly={readOnly}
        />
      </Group>
      <ShareSlider
        accepted={share.percent}
        draft={draft?.percent ?? null}
        measured={measured.percent}
        isLive={progress?.isLive ?? true}
        readOnly={readOnly}
        onDraft={change}
        onApply={() => void apply(draft?.basedOn ?? share.shareVersion)}
        onDiscard={discard}
        onRelease={() => applyButton.current?.focus()}
      />
      <Stack gap="sm" mt="xs">
        <Text size="xs" c="dimmed" ta="center">
          {measured.percent === null
            ? 'No traffic in the last 10 s to measure'
            : `▲ measured in the last 10 s: ${percentText(Math.round(measured.percent * 10) / 10)}`}
        </Text>
        {mapping.split.kind === 'group' && (
          <Group gap={6}>
            <IconStack2 size={16} aria-hidden />
            <Text size="sm">
              The share belongs to the group{' '}
              <AnchorLink to="/groups" search={{ group: mapping.split.groupId }}>
                {mapping.split.groupName}
              </AnchorLink>
              : all its mappings move together.
            </Text>
          </Group>
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
            reason={reason}
            onReason={setReason}
            blocked={blocked}
            isApplying={acts.isApplying}
            writesMove={
              isRaise && share.percent === 0 && mapping.writes.kind === 'with-share'
                ? writingMethods(mapping.match)
                : none
            }
            onApply={() => void apply(draft.basedOn)}
            onDiscard={discard}
          />
        )}
        {acts.problem !== null && (
          <ProblemNotice error={acts.problem} title={`Not applied: ${acts.problem.title}`} />
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
        mappingId={mapping.id}
        isApplying={acts.isApplying}
        onApplyMine={() => {
          if (acts.conflict !== null) void apply(acts.conflict.currentVersion)
        }}
        onKeepTheirs={discard}
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
function lastMover(changes: readonly Change[], mapping: MappingView): string | null {
  const id = mapping.split.kind === 'group' ? mapping.split.groupId : mapping.id
  const moved = changes.find(({ object, act }) => object.id === id && /\.(share|rollback)$/.test(act))
  return moved?.actor.name ?? null
}

const none: readonly never[] = []
