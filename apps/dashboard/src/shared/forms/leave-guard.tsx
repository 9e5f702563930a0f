import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'

/** Leaving with edits asks once. What was typed stays in this tab's storage either way, until it is discarded. */
export function LeaveGuard(props: { isDirty: boolean; onDiscard: () => void }) {
  const blocker = useBlocker({
    shouldBlockFn: () => props.isDirty,
    enableBeforeUnload: () => props.isDirty,
    withResolver: true,
  })
  const isBlocked = blocker.status === 'blocked'
  return (
    <Modal
      opened={isBlocked}
      onClose={() => blocker.reset?.()}
      title="Leave with unsaved edits?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          Your draft stays in this tab: come back to this page to go on, or discard it now.
        </Text>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={() => blocker.reset?.()}>
            Stay
          </Button>
          <Button
            variant="default"
            color="red"
            onClick={() => {
              props.onDiscard()
              blocker.proceed?.()
            }}
          >
            Discard and leave
          </Button>
          <Button data-autofocus onClick={() => blocker.proceed?.()}>
            Keep the draft and leave
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
