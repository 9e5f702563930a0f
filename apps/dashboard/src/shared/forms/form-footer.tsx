import type { Permission } from '@crossfade/contracts/roles'
import { Button, Group } from '@mantine/core'
import { AllowedButton } from './allowed-button.tsx'

/** The end of a form: save on the right, nothing else that submits. */
export function FormFooter(props: {
  permission: Permission
  label: string
  isSaving: boolean
  onCancel: () => void
}) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={props.onCancel}>
        Cancel
      </Button>
      <AllowedButton permission={props.permission} type="submit" loading={props.isSaving}>
        {props.label}
      </AllowedButton>
    </Group>
  )
}
