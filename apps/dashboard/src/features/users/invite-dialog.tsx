import { inviteCreatedSchema, inviteInputSchema, type UserView } from '@crossfade/contracts/api/people'
import { everywhere, type Access } from '@crossfade/contracts/roles'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { z } from 'zod'
import { api } from '../../shared/api.ts'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { dateTimeText } from '../../shared/format.ts'
import { AccessFields } from './access-fields.tsx'

type Created = z.infer<typeof inviteCreatedSchema>
interface Draft {
  readonly email: string
  readonly access: Access
}

/** Invites somebody, or (with `user`) makes a new link for one who lost theirs. The link is shown once. */
export function InviteDialog(props: { user: UserView | null; onClose: () => void }) {
  const { user } = props
  const [created, setCreated] = useState<Created | null>(null)
  const save = useSave<Draft, Created>({
    objectKind: 'user',
    fieldOf: (path) => (path.startsWith('access') ? 'access' : path === 'email' ? path : null),
    send: (input, options) =>
      user === null
        ? api.send('POST', '/users', input, inviteCreatedSchema, options)
        : api.send('POST', `/users/${user.id}/invite`, undefined, inviteCreatedSchema, options),
    onSaved: setCreated,
  })
  const form = useDraft<Draft>(
    { email: user?.email ?? '', access: user?.access ?? everywhere('operator') },
    save,
  )
  const submit = () => {
    const issues = issuesOf(inviteInputSchema.safeParse(form.draft))
    if (user === null && issues.length > 0) save.refuse(issues)
    else save.send(form.draft)
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      size="lg"
      title={user === null ? 'Invite a person' : `A new link for ${user.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={created === null}
    >
      {created !== null ? (
        <Stack>
          <SecretOnce
            label="Invite link"
            secret={created.link}
            note={`Send it to ${created.user.email}. It works once, until ${dateTimeText(created.expiresAt)}, and cannot be shown again.`}
          />
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
            {user === null ? (
              <>
                <TextInput
                  data-autofocus
                  type="email"
                  id={fieldId('email')}
                  label="E-mail address"
                  placeholder="jon@example.com"
                  value={form.draft.email}
                  error={save.errorOf('email')}
                  onChange={(event) => form.set('email', event.currentTarget.value)}
                />
                <AccessFields
                  access={form.draft.access}
                  error={save.errorOf('access')}
                  onChange={(access) => form.set('access', access)}
                />
                <Text size="sm" c="dimmed">
                  You get a link to send. Nothing is mailed from here.
                </Text>
              </>
            ) : (
              <Text size="sm">
                For a lost invitation or a forgotten password: whoever opens the link sets a new password, and
                all sessions of {user.name} end. An older link stops working.
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={props.onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isSaving}>
                {user === null ? 'Create invite link' : 'Create a new link'}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
