import {
  governanceViewSchema,
  protectionSchema,
  type GovernanceView,
  type ProtectionInput,
} from '@crossfade/contracts/api/freezes'
import { Checkbox, Group, NumberInput, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { toast } from '../../shared/ui/toast.ts'
import { governanceQuery } from '../governance/governance-queries.ts'

/** Which raises need approvals. It is saved by itself, with a version of its own. */
export function ProtectionForm({ environmentId }: { environmentId: string }) {
  const governance = useQuery(governanceQuery(environmentId))
  // The form keeps the version it began from.
  const [begun, setBegun] = useState<GovernanceView | null>(null)
  if (begun === null && governance.data !== undefined) setBegun(governance.data)
  if (begun !== null)
    return (
      <Form
        key={begun.version}
        begun={begun}
        onSaved={setBegun}
        onReload={() => void governance.refetch().then(({ data }) => setBegun(data ?? null))}
      />
    )
  if (governance.error === null) return <LoadingRows rows={1} height={180} />
  return <ProblemNotice error={governance.error} onRetry={() => void governance.refetch()} />
}

/** Number fields give text while somebody types. */
interface Draft {
  readonly abovePercent: number | string
  readonly stepPercent: number | string
  readonly quorum: number | string
  readonly expiresHours: number | string
  readonly selfApproval: boolean
}

function Form(props: {
  begun: GovernanceView
  onSaved: (view: GovernanceView) => void
  onReload: () => void
}) {
  const { begun } = props
  const { protection } = begun
  const save = useSave<ProtectionInput, GovernanceView>({
    objectKind: 'environment',
    fieldOf: (path) => path,
    send: (input, options) =>
      api.send(
        'PUT',
        `/environments/${begun.environmentId}/protection`,
        input,
        governanceViewSchema,
        options,
      ),
    onSaved: (view) => {
      toast('The protection is saved')
      props.onSaved(view)
    },
  })
  const form = useDraft<Draft>(
    {
      ...protection,
      abovePercent: protection.abovePercent ?? '',
      stepPercent: protection.stepPercent ?? '',
    },
    save,
  )
  const submit = () => {
    const parsed = protectionSchema.safeParse(inputOf(form.draft))
    if (parsed.success) save.send(parsed.data, begun.version)
    else save.refuse(issuesOf(parsed).map(inPlainWords))
  }
  const field = (name: keyof Omit<Draft, 'selfApproval'>, label: string, suffix: string, none?: string) => (
    <NumberInput
      id={fieldId(name)}
      label={label}
      suffix={suffix}
      min={0}
      hideControls
      {...(none !== undefined && { placeholder: none })}
      value={form.draft[name]}
      error={save.errorOf(name)}
      onChange={(value) => form.set(name, value)}
    />
  )
  return (
    <Paper withBorder p="md" component="section" aria-label="Protection">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="sm">
          <div>
            <Title order={2} size="h5">
              Protection
            </Title>
            <Text size="sm" c="dimmed">
              Raises that need the approval of others. Lowering and Roll back never do.
            </Text>
          </div>
          <ErrorSummary save={save} />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            {field('abovePercent', 'Approval for raises above', ' %', 'no limit')}
            {field('stepPercent', 'Or by more than, within 24 hours', ' %', 'no limit')}
            {field('quorum', 'People who have to approve', '')}
            {field('expiresHours', 'A request waits at most', ' hours')}
          </SimpleGrid>
          <Checkbox
            label="Whoever asks may also approve"
            checked={form.draft.selfApproval}
            onChange={(event) => form.set('selfApproval', event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <AllowedButton
              permission="environment.edit"
              type="submit"
              variant="default"
              loading={save.isSaving}
              why={form.isDirty ? '' : 'Nothing is changed yet'}
            >
              Save protection
            </AllowedButton>
          </Group>
        </Stack>
      </form>
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={props.onReload}
        onClose={save.dismiss}
      />
    </Paper>
  )
}

/** An empty limit is none. */
function inputOf({ abovePercent, stepPercent, ...rest }: Draft) {
  const limit = (typed: number | string) => (typed === '' ? null : typed)
  return { ...rest, abovePercent: limit(abovePercent), stepPercent: limit(stepPercent) }
}

function inPlainWords({ path, message }: { path: string; message: string }) {
  return { path, message: message.includes('expected number') ? 'Give a number' : message }
}
