import {
  segmentInputSchema,
  segmentViewSchema,
  type SegmentInput,
  type SegmentView,
} from '@crossfade/contracts/api/segments'
import { Alert, Drawer, Group, Input, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconQuote } from '@tabler/icons-react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'
import { ConditionList } from './condition-list.tsx'
import { draftOfSegment, inputOfSegment, segmentFieldOf } from './segment-draft.ts'
import { segmentSentence } from './segment-sentence.ts'

/** Makes a segment, or edits one; its sentence is read back while it is typed. */
export function SegmentDrawer(props: { segment: SegmentView | null; onClose: () => void }) {
  const { segment } = props
  const environmentId = useEnvironmentId()
  const [isDeleting, deleting] = useDisclosure()
  const save = useSave<SegmentInput, SegmentView>({
    objectKind: 'segment',
    fieldOf: segmentFieldOf,
    send: (input, options) =>
      segment === null
        ? api.send('POST', '/segments', { ...input, environmentId }, segmentViewSchema, options)
        : api.send('PUT', `/segments/${segment.id}`, input, segmentViewSchema, options),
    onSaved: (saved) => {
      toast(`${saved.name} is saved`)
      props.onClose()
    },
  })
  const form = useDraft(draftOfSegment(segment), save)
  const input = inputOfSegment(form.draft)
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={segment === null ? 'New segment' : `Edit ${segment.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const issues = issuesOf(segmentInputSchema.safeParse(input))
          if (issues.length > 0) save.refuse(issues)
          else save.send(input, segment?.version)
        }}
      >
        <Stack gap="lg">
          <ErrorSummary save={save} />
          <TextInput
            id={fieldId('name')}
            label="Name"
            placeholder="Beta readers"
            required
            data-autofocus
            value={form.draft.name}
            error={save.errorOf('name')}
            onChange={(event) => form.set('name', event.currentTarget.value)}
          />
          <ConditionList
            conditions={form.draft.conditions}
            errorOf={save.errorOf}
            onChange={(next) => form.set('conditions', next)}
          />
          <Input.Wrapper label="Then always" labelElement="div">
            <div>
              <SegmentedControl
                aria-label="Then always"
                data={[
                  { value: 'legacy', label: 'Legacy' },
                  { value: 'new', label: 'New' },
                ]}
                value={form.draft.side}
                onChange={(side) => form.set('side', side === 'new' ? 'new' : 'legacy')}
              />
            </div>
          </Input.Wrapper>
          <Alert role="note" variant="light" color="gray" icon={<IconQuote aria-hidden />}>
            {segmentSentence(input)}
          </Alert>
          <Group justify="space-between">
            {segment === null ? (
              <span />
            ) : (
              <AllowedButton permission="segment.edit" variant="subtle" color="red" onClick={deleting.open}>
                Delete…
              </AllowedButton>
            )}
            <FormFooter
              permission="segment.edit"
              label={segment === null ? 'Create segment' : 'Save'}
              isSaving={save.isSaving}
              onCancel={props.onClose}
            />
          </Group>
        </Stack>
      </form>
      {segment !== null && (
        <DeleteDialog
          opened={isDeleting}
          onClose={deleting.close}
          kind="segment"
          path={`/segments/${segment.id}`}
          name={segment.name}
          version={segment.version}
          onDeleted={props.onClose}
        >
          A segment that a mapping lists, or that says who may force a side, cannot be deleted.
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
