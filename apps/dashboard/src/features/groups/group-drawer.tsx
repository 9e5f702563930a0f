import {
  groupInputSchema,
  groupViewSchema,
  type GroupInput,
  type GroupView,
} from '@crossfade/contracts/api/groups'
import { Checkbox, Drawer, Group, Stack, TextInput, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { SplitFields } from '../../shared/forms/split-fields.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'
import {
  draftOfGroup,
  groupFieldOf,
  inputOfGroup,
  unansweredOfGroup,
  type GroupDraft,
} from './group-draft.ts'

type Sent = GroupInput & { confirmMoves?: boolean }

/** Makes a group, or edits who goes first in one. */
export function GroupDrawer(props: {
  group: GroupView | null
  onClose: () => void
  onSaved?: (group: GroupView) => void
  onDeleted?: () => void
}) {
  const { group } = props
  const environmentId = useEnvironmentId()
  const [isDeleting, deleting] = useDisclosure()
  const [isConfirmed, setConfirmed] = useState(false)
  const save = useSave<Sent, GroupView>({
    objectKind: 'group',
    fieldOf: groupFieldOf,
    send: (input, options) =>
      group === null
        ? api.send('POST', '/groups', { ...input, environmentId }, groupViewSchema, options)
        : api.send('PUT', `/groups/${group.id}`, input, groupViewSchema, options),
    onSaved: (saved) => {
      toast(`${saved.name} is saved`)
      if (props.onSaved === undefined) props.onClose()
      else props.onSaved(saved)
    },
  })
  const form = useDraft<GroupDraft>(draftOfGroup(group), save)
  const submit = () => {
    const input = inputOfGroup(form.draft)
    const missing = unansweredOfGroup(form.draft)
    const issues = missing.length > 0 ? missing : issuesOf(groupInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else if (group === null) save.send(input)
    else save.send({ ...input, confirmMoves: isConfirmed }, group.version)
  }
  const asksToConfirm = isConfirmed || save.problem?.code === 'moves_users'
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={group === null ? 'New group' : `Edit ${group.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="lg">
          <ErrorSummary save={save} />
          <TextInput
            id={fieldId('name')}
            label="Name"
            placeholder="Cart"
            required
            data-autofocus
            value={form.draft.name}
            error={save.errorOf('name')}
            onChange={(event) => form.set('name', event.currentTarget.value)}
          />
          <Textarea
            id={fieldId('description')}
            label="Description"
            autosize
            minRows={1}
            value={form.draft.description}
            error={save.errorOf('description')}
            onChange={(event) => form.set('description', event.currentTarget.value)}
          />
          <SplitFields
            environmentId={environmentId}
            isNew={group === null}
            draft={form.draft}
            errorOf={save.errorOf}
            onChange={(edit) => {
              for (const [field, value] of Object.entries(edit)) form.set(field as keyof GroupDraft, value)
            }}
          />
          {asksToConfirm && (
            <Checkbox
              label="Move them: I know that this changes who is on which side"
              checked={isConfirmed}
              onChange={(event) => setConfirmed(event.currentTarget.checked)}
            />
          )}
          <Group justify="space-between">
            {group === null ? (
              <span />
            ) : (
              <AllowedButton permission="group.edit" variant="subtle" color="red" onClick={deleting.open}>
                Delete…
              </AllowedButton>
            )}
            <FormFooter
              permission="group.edit"
              label={group === null ? 'Create group' : 'Save'}
              isSaving={save.isSaving}
              onCancel={props.onClose}
            />
          </Group>
        </Stack>
      </form>
      {group !== null && (
        <DeleteDialog
          opened={isDeleting}
          onClose={deleting.close}
          kind="group"
          path={`/groups/${group.id}`}
          name={group.name}
          version={group.version}
          onDeleted={props.onDeleted ?? props.onClose}
        >
          A group with members cannot be deleted: let its mappings move by themselves first.
        </DeleteDialog>
      )}
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={props.onClose}
        onClose={save.dismiss}
      />
    </Drawer>
  )
}
