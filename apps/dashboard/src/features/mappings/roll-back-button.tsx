import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useNow } from '../../shared/clock.tsx'
import { clockText, percentText } from '../../shared/format.ts'
import { useAllowed, WhyNot } from '../../shared/permission.tsx'
import { useFocusKept } from '../../shared/use-focus-kept.ts'
import { useFreshness } from '../live/live-provider.tsx'
import { progressWords, useProgress } from './live-note.tsx'
import type { Movable } from './movable.ts'
import { raiseBlock } from './raise-block.ts'
import type { Accepted, ShareActs, ShareNow } from './use-share.ts'

/** Always in the same place. One press, nothing to confirm; then it says how far it is and offers Undo. */
export function RollBackButton(props: { movable: Movable; share: ShareNow; acts: ShareActs }) {
  const { movable, share, acts } = props
  const role = useAllowed('rollback')
  const done = acts.accepted?.act === 'rollback' && share.shareVersion <= acts.accepted.result.shareVersion
  const why = whyNot(movable, share, role.why)
  const press = () => {
    if (why === '' && !acts.isRollingBack) acts.rollBack()
  }
  useHotkeys([['mod+shift+Backspace', press]], [])
  const isDone = done && acts.accepted !== null && share.percent === 0
  const place = useRef<HTMLDivElement>(null)
  useFocusKept(place, isDone)
  if (isDone && acts.accepted !== null) {
    return (
      <div ref={place} tabIndex={-1}>
        <RolledBack accepted={acts.accepted} acts={acts} />
      </div>
    )
  }
  const label = movable.isThroughMember ? `Roll back group ${movable.name}` : 'Roll back'
  return (
    <Stack gap={4} align="flex-end" ref={place} tabIndex={-1}>
      <WhyNot why={why === '' ? 'Everything to legacy, now. Ctrl/⌘ + Shift + Backspace' : why}>
        <Button
          size="md"
          color="red.9"
          leftSection={<IconArrowBackUp size={20} aria-hidden />}
          onClick={press}
          {...(why !== '' && { 'data-disabled': true, 'aria-disabled': true })}
        >
          {acts.isRollingBack ? 'Rolling back…' : label}
        </Button>
      </WhyNot>
      {acts.isRollingBack && acts.rollBackTries > 0 && (
        <Text size="xs" role="status">
          No answer yet; sent again {acts.rollBackTries}×
        </Text>
      )}
    </Stack>
  )
}

function whyNot(movable: Movable, share: ShareNow, roleWhy: string): string {
  if (roleWhy !== '') return roleWhy
  if (movable.pointOfNoReturn) return 'The data has moved; this cannot be rolled back'
  return share.percent === 0 ? 'Everything is on legacy already' : ''
}

function RolledBack({ accepted, acts }: { accepted: Accepted; acts: ShareActs }) {
  const progress = useProgress(accepted)
  const now = useNow(500)
  const freshness = useFreshness()
  const role = useAllowed('share.change')
  const [reason, setReason] = useState('')
  const [noted, setNoted] = useState(false)
  const { result } = accepted
  const blocked = role.allowed ? (raiseBlock(freshness) ?? '') : role.why
  return (
    <Paper
      withBorder
      px="md"
      py="sm"
      maw={420}
      data-testid="rolled-back"
      style={{ borderColor: 'var(--cf-good)' }}
    >
      <Text fw={650} size="sm" role="status">
        Rolled back {result.kind === 'group' && `group ${result.name} `}
        {clockText(accepted.at)} - {progressWords(progress, now - accepted.at)}
      </Text>
      {!result.recorded && (
        <Text size="xs">The database is away: the agents have it, the audit trail gets it later.</Text>
      )}
      <Group gap="xs" mt={8} wrap="nowrap">
        {noted ? (
          <Text size="xs" c="dimmed" style={{ flex: 1 }}>
            Reason noted
          </Text>
        ) : (
          <TextInput
            size="xs"
            aria-label="Reason for the roll back (optional)"
            placeholder="Reason (optional), Enter to note"
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || reason.trim() === '') return
              acts.noteReason(reason.trim())
              setNoted(true)
            }}
            style={{ flex: 1 }}
          />
        )}
        {result.percentBefore > 0 && (
          <WhyNot why={blocked}>
            <Button
              size="xs"
              variant="default"
              {...(blocked !== '' && { 'data-disabled': true, 'aria-disabled': true })}
              onClick={() => {
                if (blocked === '') {
                  void acts.apply(result.percentBefore, result.shareVersion, 'Undo of the roll back', 'undo')
                }
              }}
            >
              Undo ({percentText(result.percentBefore)})
            </Button>
          </WhyNot>
        )}
      </Group>
    </Paper>
  )
}
