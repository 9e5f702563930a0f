import {
  serviceInputSchema,
  serviceViewSchema,
  type ServiceInput,
  type ServiceView,
} from '@crossfade/contracts/api/services'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { TextList } from '../../shared/forms/text-list.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'

/** Just enough to name a service without leaving the mapping; the rest has defaults. */
export function QuickService(props: { onClose: () => void; onCreated: (service: ServiceView) => void }) {
  const environmentId = useEnvironmentId()
  const save = useSave<ServiceInput, ServiceView>({
    objectKind: 'service',
    fieldOf: (path) => (path === 'name' ? 'quickName' : path.startsWith('instances') ? path : null),
    send: (input, options) =>
      api.send('POST', '/services', { ...input, environmentId }, serviceViewSchema, options),
    onSaved: props.onCreated,
  })
  const form = useDraft({ quickName: '', instances: [''] as readonly string[] }, save)
  const submit = () => {
    const input = {
      name: form.draft.quickName.trim(),
      instances: form.draft.instances.map((url) => url.trim()).filter(Boolean),
    }
    const issues = issuesOf(serviceInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input)
  }
  return (
    <Modal opened onClose={props.onClose} title="New service" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          // The portal keeps React's tree: without this the mapping's form would be sent too.
          event.stopPropagation()
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <ErrorSummary save={save} />
          <TextInput
            data-autofocus
            id={fieldId('quickName')}
            label="Service name"
            placeholder="books-new"
            value={form.draft.quickName}
            error={save.errorOf('quickName')}
            onChange={(event) => form.set('quickName', event.currentTarget.value)}
          />
          <TextList
            field="instances"
            label="Instances"
            item="Instance"
            placeholder="http://10.0.0.7:8080"
            value={form.draft.instances}
            errorOf={save.errorOf}
            onChange={(next) => form.set('instances', next)}
          />
          <Text size="sm" c="dimmed">
            Health check, time limits and TLS have defaults; change them under Services.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isSaving}>
              Create service
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
