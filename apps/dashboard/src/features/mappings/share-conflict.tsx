import type { VersionConflict } from '@crossfade/contracts/api/mappings'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { percentText } from '../../shared/format.ts'
import { ButtonLink } from '../../shared/ui/links.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { percentIn } from './chart-data.ts'
import type { Movable } from './movable.ts'

/** Somebody was faster: who, when, from what to what. Nothing merges silently. */
export function ShareConflict(props: {
  conflict: VersionConflict | null
  mine: number | null
  of: Pick<Movable, 'kind' | 'id'>
  isApplying: boolean
  onApplyMine: () => void
  onKeepTheirs: () => void
  onClosed: () => void
}) {
  const { conflict, mine } = props
  const shown = (value: unknown) => {
    const percent = percentIn(value)
    return percent === null ? 'another value' : percentText(percent)
  }
  return (
    <Modal
      opened={conflict !== null && mine !== null}
      onClose={props.onKeepTheirs}
      onExitTransitionEnd={props.onClosed}
      size="lg"
      title="Somebody changed the share first"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {conflict !== null && mine !== null && (
        <Stack>
          <Text>
            <b>{conflict.by}</b> set it from {shown(conflict.from)} to <b>{shown(conflict.to)}</b>{' '}
            <RelativeTime at={conflict.at} />. Your <b>{percentText(mine)}</b> is not applied.
          </Text>
          <Group justify="flex-end">
            <ButtonLink variant="subtle" to="/audit" search={{ kind: props.of.kind, object: props.of.id }}>
              See history
            </ButtonLink>
            <Button variant="default" onClick={props.onKeepTheirs}>
              Keep theirs
            </Button>
            <Button onClick={props.onApplyMine} data-autofocus>
              {props.isApplying ? 'Applying…' : `Apply mine (${percentText(mine)})`}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
