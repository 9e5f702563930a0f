import {
  webhookCreatedSchema,
  webhookCreateSchema,
  webhookUpdateSchema,
  webhookViewSchema,
  type WebhookView,
} from '@crossfade/contracts/api/webhooks'
import { Button, Drawer, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'
import { RotateSecret } from './rotate-secret.tsx'
import {
  createInputOf,
  draftOfWebhook,
  emptyWebhook,
  updateInputOf,
  webhookFieldOf,
  type WebhookDraft,
} from './webhook-draft.ts'
import { WebhookFields } from './webhook-fields.tsx'

/** Makes a webhook, or edits one. A new secret is on screen until this closes, and nowhere afterwards. */
export function WebhookDrawer(props: { webhook: WebhookView | null; onClose: () => void }) {
  const { webhook, onClose } = props
  const environmentId = useEnvironmentId()
  const [isDeleting, deleting] = useDisclosure()
  const [secret, setSecret] = useState<string | null>(null)
  const save = useSave<WebhookDraft, { name: string; secret?: string | null }>({
    objectKind: 'webhook',
    fieldOf: webhookFieldOf,
    send: (draft, options) =>
      webhook === null
        ? api.send('POST', '/webhooks', createInputOf(draft, environmentId), webhookCreatedSchema, options)
        : api.send('PUT', `/webhooks/${webhook.id}`, updateInputOf(draft), webhookViewSchema, options),
    onSaved: (saved) => {
      toast(`${saved.name} is saved`)
      if (typeof saved.secret === 'string') setSecret(saved.secret)
      else onClose()
    },
  })
  const form = useDraft(webhook === null ? emptyWebhook : draftOfWebhook(webhook), save)
  const submit = () => {
    const parsed =
      webhook === null
        ? webhookCreateSchema.safeParse(createInputOf(form.draft, environmentId))
        : webhookUpdateSchema.safeParse(updateInputOf(form.draft))
    const issues = issuesOf(parsed)
    if (issues.length > 0) save.refuse(issues)
    else save.send(form.draft, webhook?.version)
  }
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={webhook === null ? 'New webhook' : `Edit ${webhook.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={secret === null}
    >
      {secret !== null ? (
        <Stack>
          <SecretOnce
            label="Signing secret"
            secret={secret}
            note="Copy it to the receiver now: nobody can show it again. It verifies who sent a message."
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="lg">
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              submit()
            }}
          >
            <Stack gap="lg">
              <ErrorSummary save={save} />
              <WebhookFields form={form} stored={webhook} errorOf={save.errorOf} />
              <Group justify="space-between">
                {webhook === null ? (
                  <span />
                ) : (
                  <AllowedButton
                    permission="webhook.manage"
                    variant="subtle"
                    color="red"
                    onClick={deleting.open}
                  >
                    Delete…
                  </AllowedButton>
                )}
                <FormFooter
                  permission="webhook.manage"
                  label={webhook === null ? 'Create webhook' : 'Save'}
                  isSaving={save.isSaving}
                  onCancel={onClose}
                />
              </Group>
            </Stack>
          </form>
          {webhook?.kind === 'webhook' && <RotateSecret webhook={webhook} onSecret={setSecret} />}
        </Stack>
      )}
      {webhook !== null && (
        <DeleteDialog
          opened={isDeleting}
          onClose={deleting.close}
          kind="webhook"
          path={`/webhooks/${webhook.id}`}
          name={webhook.name}
          version={webhook.version}
          onDeleted={onClose}
        >
          Its log goes with it, and what still waits is not sent.
        </DeleteDialog>
      )}
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={onClose}
        onClose={save.dismiss}
      />
    </Drawer>
  )
}
