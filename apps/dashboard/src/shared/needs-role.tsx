import { Alert } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'

/** In the place of a list one may not read: why, and who can help. */
export function NeedsRole(props: { what: string; why: string }) {
  return (
    <Alert
      role="note"
      variant="light"
      color="gray"
      icon={<IconLock aria-hidden />}
      title={`You cannot see ${props.what}`}
    >
      {props.why}
    </Alert>
  )
}
