import type { VersionConflict } from '@crossfade/contracts/api/mappings'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { DiffTable } from '../changes/diff-table.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'

/** Somebody saved in between: who, when, from what to what, and the choice. Nothing merges silently. */
export function ConflictDialog(props: {
  conflict: VersionConflict | null
  isSaving: boolean
  onApplyMine: () => void
  onKeepTheirs: () => void
  onClose: () => void
}) {
  const { conflict } = props
  return (
    <Modal
      opened={conflict !== null}
      onClose={props.onClose}
      size="xl"
      title={conflict === null ? '' : `${conflict.by} saved this while you were editing`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {conflict !== null && (
        <Stack>
          <Text size="sm">
            <RelativeTime at={conflict.at} />, {conflict.by} changed what you see below. Your edit is not
            saved.
          </Text>
          <DiffTable before={conflict.from} after={conflict.to} />
          <Text size="sm" c="dimmed">
            “Apply mine” saves your edit on top and overwrites theirs; the audit trail keeps both.
          </Text>
          <Group justify="flex-end">
            <Button variant="subtle" onClick={props.onClose}>
              Go on editing
            </Button>
            <Button variant="default" onClick={props.onKeepTheirs}>
              Keep theirs
            </Button>
            <Button onClick={props.onApplyMine} loading={props.isSaving} data-autofocus>
              Apply mine
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
