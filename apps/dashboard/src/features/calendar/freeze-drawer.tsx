import {
  freezeInputSchema,
  freezeViewSchema,
  type FreezeInput,
  type FreezeView,
} from '@crossfade/contracts/api/freezes'
import { WEEKDAYS } from '@crossfade/core/governance/model'
import {
  Checkbox,
  Drawer,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Textarea,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMemo } from 'react'
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
import { draftOfFreeze, freezeFieldOf, inputOfFreeze, weekdays, type FreezeDraft } from './freeze-draft.ts'
import { ownTimeZone, timeZones } from './local-time.ts'

/** Makes a freeze, or edits one. */
export function FreezeDrawer(props: { freeze: FreezeView | null; onClose: () => void }) {
  const { freeze } = props
  const environmentId = useEnvironmentId()
  const [isDeleting, deleting] = useDisclosure()
  const save = useSave<FreezeInput, FreezeView>({
    objectKind: 'freeze',
    fieldOf: freezeFieldOf,
    send: (input, options) =>
      freeze === null
        ? api.send('POST', '/freezes', { ...input, environmentId }, freezeViewSchema, options)
        : api.send('PUT', `/freezes/${freeze.id}`, input, freezeViewSchema, options),
    onSaved: (saved) => {
      toast(`${saved.name} is saved`)
      props.onClose()
    },
  })
  const form = useDraft<FreezeDraft>(draftOfFreeze(freeze), save)
  const { draft } = form
  const submit = () => {
    const { input, missing } = inputOfFreeze(draft)
    const issues = missing.length > 0 ? missing : issuesOf(freezeInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input, freeze?.version)
  }
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={freeze === null ? 'New freeze' : `Edit ${freeze.name}`}
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
            placeholder="Weekend"
            required
            data-autofocus
            value={draft.name}
            error={save.errorOf('name')}
            onChange={(event) => form.set('name', event.currentTarget.value)}
          />
          <Textarea
            id={fieldId('reason')}
            label="Reason"
            placeholder="Nobody is on duty"
            rows={2}
            maxLength={500}
            value={draft.reason}
            error={save.errorOf('reason')}
            onChange={(event) => form.set('reason', event.currentTarget.value)}
          />
          <SegmentedControl
            aria-label="How often"
            value={draft.kind}
            data={[
              { value: 'once', label: 'Once' },
              { value: 'weekly', label: 'Every week' },
            ]}
            onChange={(kind) => form.set('kind', kind === 'weekly' ? 'weekly' : 'once')}
          />
          {draft.kind === 'once' ? (
            <OnceFields form={form} errorOf={save.errorOf} />
          ) : (
            <WeeklyFields form={form} errorOf={save.errorOf} />
          )}
          <Text size="sm" c="dimmed">
            While it lasts nothing is raised in this environment, by people, ramps or schedules. A ramp ends
            the stage it is in and waits. Lowering and Roll back always work.
          </Text>
          <Group justify="space-between">
            {freeze === null ? (
              <span />
            ) : (
              <AllowedButton permission="freeze.edit" variant="subtle" color="red" onClick={deleting.open}>
                Delete…
              </AllowedButton>
            )}
            <FormFooter
              permission="freeze.edit"
              label={freeze === null ? 'Create freeze' : 'Save'}
              isSaving={save.isSaving}
              onCancel={props.onClose}
            />
          </Group>
        </Stack>
      </form>
      {freeze !== null && (
        <DeleteDialog
          opened={isDeleting}
          onClose={deleting.close}
          kind="freeze"
          path={`/freezes/${freeze.id}`}
          name={freeze.name}
          version={freeze.version}
          onDeleted={props.onClose}
        >
          Raises are possible in its windows again, at once.
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

interface WindowProps {
  readonly form: ReturnType<typeof useDraft<FreezeDraft>>
  readonly errorOf: (field: string) => string | undefined
}

function OnceFields({ form, errorOf }: WindowProps) {
  return (
    <Stack gap={4}>
      <Group grow align="flex-start">
        <TextInput
          type="datetime-local"
          id={fieldId('window.from')}
          label="From"
          value={form.draft.from}
          error={errorOf('window.from')}
          onChange={(event) => form.set('from', event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          id={fieldId('window.until')}
          label="Until"
          value={form.draft.until}
          error={errorOf('window.until')}
          onChange={(event) => form.set('until', event.currentTarget.value)}
        />
      </Group>
      <Text size="xs" c="dimmed">
        On your clock ({ownTimeZone()}).
      </Text>
    </Stack>
  )
}

function WeeklyFields({ form, errorOf }: WindowProps) {
  const zones = useMemo(() => [...timeZones()], [])
  return (
    <Stack gap="sm">
      <Checkbox.Group
        id={fieldId('window.days')}
        label="Begins on"
        value={[...form.draft.days]}
        error={errorOf('window.days')}
        onChange={(days) =>
          form.set(
            'days',
            WEEKDAYS.filter((day) => days.includes(day)),
          )
        }
      >
        <Group mt={6} gap="sm">
          {weekdays.map(({ value, label }) => (
            <Checkbox key={value} value={value} label={label} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group grow align="flex-start">
        <TextInput
          type="time"
          id={fieldId('window.from')}
          label="From"
          value={form.draft.fromTime}
          error={errorOf('window.from')}
          onChange={(event) => form.set('fromTime', event.currentTarget.value)}
        />
        <TextInput
          type="time"
          id={fieldId('window.until')}
          label="Until"
          description="At or before the beginning: on the next day"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={form.draft.untilTime}
          error={errorOf('window.until')}
          onChange={(event) => form.set('untilTime', event.currentTarget.value)}
        />
      </Group>
      <NativeSelect
        id={fieldId('window.timeZone')}
        label="Time zone"
        data={zones}
        value={form.draft.timeZone}
        error={errorOf('window.timeZone')}
        onChange={(event) => form.set('timeZone', event.currentTarget.value)}
      />
    </Stack>
  )
}
