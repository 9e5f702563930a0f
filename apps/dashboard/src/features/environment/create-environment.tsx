import {
  environmentInputSchema,
  environmentViewSchema,
  type EnvironmentInput,
  type EnvironmentView,
} from '@crossfade/contracts/api/environments'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../../shared/api.ts'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'

/** Makes an environment and goes there. */
export function CreateEnvironment(props: { onClose: () => void }) {
  const navigate = useNavigate()
  const save = useSave<EnvironmentInput, EnvironmentView>({
    objectKind: 'environment',
    fieldOf: (path) => (path === 'name' ? 'newName' : null),
    send: (input, options) => api.send('POST', '/environments', input, environmentViewSchema, options),
    onSaved: (created) => {
      toast(`The environment ${created.name} is created`)
      props.onClose()
      void navigate({ to: '/environment', search: { environment: created.id } })
    },
  })
  const form = useDraft({ newName: '' }, save)
  return (
    <Modal
      opened
      onClose={props.onClose}
      title="New environment"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const input = { name: form.draft.newName.trim() }
          const issues = issuesOf(environmentInputSchema.safeParse(input))
          if (issues.length > 0) save.refuse(issues)
          else save.send(input)
        }}
      >
        <Stack>
          <ErrorSummary save={save} />
          <TextInput
            data-autofocus
            id={fieldId('newName')}
            label="Name"
            placeholder="staging"
            value={form.draft.newName}
            error={save.errorOf('newName')}
            onChange={(event) => form.set('newName', event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            It has its own services, mappings and agents, and shares nothing with the others.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isSaving}>
              Create environment
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
