import { apiTokenCreatedSchema, apiTokenInputSchema } from '@crossfade/contracts/api/people'
import { everywhere, type Access } from '@crossfade/contracts/roles'
import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { z } from 'zod'
import { api } from '../../shared/api.ts'
import { useClock } from '../../shared/clock.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { AccessFields } from './access-fields.tsx'

type Created = z.infer<typeof apiTokenCreatedSchema>
type Input = z.input<typeof apiTokenInputSchema>

const dayMs = 86_400_000
const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'No end' },
]

/** Makes an API token; it is shown once, and gone when this closes. */
export function TokenDialog(props: { onClose: () => void }) {
  const clock = useClock()
  const [created, setCreated] = useState<Created | null>(null)
  const save = useSave<Input, Created>({
    objectKind: 'token',
    fieldOf: (path) => (path.startsWith('access') ? 'access' : path === 'expiresAt' ? 'days' : path),
    send: (input, options) => api.send('POST', '/tokens', input, apiTokenCreatedSchema, options),
    onSaved: setCreated,
  })
  const form = useDraft<{ name: string; access: Access; days: string }>(
    { name: '', access: everywhere('operator'), days: '90' },
    save,
  )
  const submit = () => {
    const { name, access, days } = form.draft
    const expiresAt = days === '' ? null : new Date(clock.now() + Number(days) * dayMs).toISOString()
    const input = { name: name.trim(), access, expiresAt }
    const issues = issuesOf(apiTokenInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input)
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      size="lg"
      title="New API token"
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={created === null}
    >
      {created !== null ? (
        <Stack>
          <SecretOnce label="API token" secret={created.token} />
          <Group justify="flex-end">
            <Button onClick={props.onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack>
            <ErrorSummary save={save} />
            <TextInput
              data-autofocus
              id={fieldId('name')}
              label="Name"
              placeholder="Deploy pipeline"
              value={form.draft.name}
              error={save.errorOf('name')}
              onChange={(event) => form.set('name', event.currentTarget.value)}
            />
            <AccessFields
              access={form.draft.access}
              error={save.errorOf('access')}
              onChange={(access) => form.set('access', access)}
            />
            <NativeSelect
              id={fieldId('days')}
              label="Valid for"
              data={lifetimes}
              value={form.draft.days}
              error={save.errorOf('days')}
              onChange={(event) => form.set('days', event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={props.onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isSaving}>
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
