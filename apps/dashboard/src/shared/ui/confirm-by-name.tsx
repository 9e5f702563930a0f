import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { ProblemNotice } from './problem-notice.tsx'

/** For what cannot be undone (delete, revoke): the name must be typed. */
export function ConfirmByName(props: {
  opened: boolean
  onClose: () => void
  title: string
  name: string
  /** `Delete mapping` */
  act: string
  children?: ReactNode
  busy?: boolean
  error?: unknown
  onConfirm: () => void
}) {
  const [typed, setTyped] = useState('')
  const close = () => {
    setTyped('')
    props.onClose()
  }
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={props.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === props.name) props.onConfirm()
        }}
      >
        <Stack>
          {props.children !== undefined && (
            <Text component="div" size="sm">
              {props.children}
            </Text>
          )}
          <TextInput
            data-autofocus
            label={`Type “${props.name}” to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {props.error !== undefined && props.error !== null && <ProblemNotice error={props.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color="red" disabled={typed !== props.name} loading={props.busy ?? false}>
              {props.act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
