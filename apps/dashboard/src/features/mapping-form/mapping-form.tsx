import { mappingViewSchema, type MappingInput, type MappingView } from '@crossfade/contracts/api/mappings'
import {
  Alert,
  Button,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Textarea,
  Title,
} from '@mantine/core'
import { IconInfoCircle, IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { Fold } from '../../shared/forms/fold.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { LeaveGuard } from '../../shared/forms/leave-guard.tsx'
import { useSave } from '../../shared/forms/use-save.ts'
import {
  environmentQuery,
  groupsQuery,
  issuersOf,
  segmentsQuery,
  servicesQuery,
} from '../../shared/queries.ts'
import { toast } from '../../shared/ui/toast.ts'
import { checkSummary } from '../../shared/forms/check-draft.ts'
import { CheckFields } from '../../shared/forms/check-fields.tsx'
import { checkDraft } from './check-draft.ts'
import { fieldOfPath } from './field-of-path.ts'
import { useFormState } from './form-state.ts'
import type { MappingDraft } from './mapping-draft.ts'
import classes from './mapping-form.module.css'
import { MatchFields } from './match-fields.tsx'
import { OptionFields, WriteFields } from './option-fields.tsx'
import { policySummary } from './policy-draft.ts'
import { PreviewPanel } from './preview-panel.tsx'
import { needsConfirmation } from './preview-text.ts'
import { ProtectionFields } from './protection-fields.tsx'
import { SegmentOrder } from './segment-order.tsx'
import { SplitGroup } from './split-group.tsx'
import { TargetFields } from './target-fields.tsx'
import { TestBench } from './test-bench.tsx'
import { usePreview } from './use-preview.ts'

type Sent = MappingInput & { confirmMoves: boolean }

/** One page for making and editing a mapping; what saving does is previewed beside it. */
export function MappingForm(props: {
  environmentId: string
  mapping: MappingView | null
  saved: { draft: MappingDraft; version: number | null }
  /** Tells new mappings apart that begin from different paths, each with its own kept draft. */
  draftName?: string
  /** Somebody else's version is kept: read the mapping again. */
  onReload: () => void
}) {
  const { environmentId, mapping, saved } = props
  const navigate = useNavigate()
  const [isConfirmed, setConfirmed] = useState(false)
  const services = useQuery(servicesQuery(environmentId))
  const groups = useQuery(groupsQuery(environmentId))
  const segments = useQuery(segmentsQuery(environmentId))
  const environment = useQuery(environmentQuery(environmentId))
  const save = useSave<Sent, MappingView>({
    objectKind: 'mapping',
    fieldOf: fieldOfPath,
    send: (input, options) =>
      mapping === null
        ? api.send('POST', '/mappings', { ...input, environmentId }, mappingViewSchema, options)
        : api.send('PUT', `/mappings/${mapping.id}`, input, mappingViewSchema, options),
    onSaved: (view) => {
      form.discard()
      toast(
        mapping === null ? `${view.name} is created, at ${view.split.percent} %` : `${view.name} is saved`,
      )
      void navigate({ to: '/mappings/$id', params: { id: view.id }, ignoreBlocker: true })
    },
  })
  const form = useFormState(
    `mapping.${environmentId}.${mapping?.id ?? `new ${props.draftName ?? ''}`.trim()}`,
    saved,
    save,
  )
  const checked = checkDraft(form.draft)
  const preview = usePreview(checked, environmentId, mapping?.id ?? null)
  const mustConfirm =
    (needsConfirmation(preview.data) || save.problem?.code === 'moves_users') && !isConfirmed

  const submit = () => {
    if (checked.ok) save.send({ ...checked.input, confirmMoves: isConfirmed }, form.baseVersion ?? undefined)
    else save.refuse(checked.errors)
  }
  return (
    <div className={classes.layout}>
      <form
        noValidate
        aria-label="Mapping"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="lg">
          {form.isRestored && <RestoredNotice onDiscard={form.discard} />}
          <ErrorSummary save={save} />
          <Part title="About">
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput
                id={fieldId('name')}
                label="Name"
                required
                placeholder="Book details"
                value={form.draft.name}
                error={save.errorOf('name')}
                onChange={(event) => form.set({ name: event.currentTarget.value })}
              />
              <TextInput
                id={fieldId('owner')}
                label="Owner"
                placeholder="Team or person to ask"
                value={form.draft.owner}
                error={save.errorOf('owner')}
                onChange={(event) => form.set({ owner: event.currentTarget.value })}
              />
            </SimpleGrid>
            <Textarea
              id={fieldId('description')}
              label="Description"
              autosize
              minRows={1}
              value={form.draft.description}
              error={save.errorOf('description')}
              onChange={(event) => form.set({ description: event.currentTarget.value })}
            />
          </Part>
          <Part title="Match" hint="Which requests this mapping is about.">
            <MatchFields form={form} errorOf={save.errorOf} />
          </Part>
          <Part title="Targets" hint="Who answers today, and who takes over.">
            <div className={classes.sides}>
              {(['legacy', 'new'] as const).map((side) => (
                <TargetFields
                  key={side}
                  side={side}
                  form={form}
                  services={services.data ?? []}
                  errorOf={save.errorOf}
                />
              ))}
            </div>
          </Part>
          <Part title="Who goes first" hint="How traffic is divided once the share is above 0 %.">
            <SplitGroup
              form={form}
              environmentId={environmentId}
              groups={groups.data ?? []}
              isNew={mapping === null}
              errorOf={save.errorOf}
            />
          </Part>
          <Part title="Segments" hint="Requests that always go to one side.">
            <SegmentOrder
              value={form.draft.segments}
              segments={segments.data ?? []}
              error={save.errorOf('segments')}
              onChange={(next) => form.set({ segments: next })}
            />
          </Part>
          <Part title="Writes">
            <WriteFields form={form} error={save.errorOf('writes')} />
          </Part>
          <Fold
            title="Callers"
            summary={checkSummary(form.draft.policy.auth)}
            isOpen={save.placed.some(({ field }) => field?.startsWith('policy.auth') === true)}
          >
            <CheckFields
              field="policy.auth"
              label="Callers must show"
              mayInherit
              issuers={issuersOf(environment.data)}
              draft={form.draft.policy.auth}
              errorOf={save.errorOf}
              onChange={(auth) => form.setPolicy({ auth })}
            />
          </Fold>
          <Fold
            title="Protection"
            summary={policySummary(form.draft.policy)}
            isOpen={save.placed.some(
              ({ field }) => field?.startsWith('policy.') === true && !field.startsWith('policy.auth'),
            )}
          >
            <ProtectionFields form={form} errorOf={save.errorOf} />
          </Fold>
          <Part title="Options">
            <OptionFields form={form} />
          </Part>
          <Paper withBorder p="md" pos="sticky" bottom={0} style={{ zIndex: 2 }}>
            <Group justify="space-between" className={classes.footer}>
              <Text size="sm" c="dimmed">
                {mapping === null
                  ? 'Nothing is sent to the new service until the share is moved.'
                  : 'Saving does not move the share.'}
              </Text>
              <Group gap="sm">
                {form.isDirty && (
                  <Button variant="subtle" color="gray" onClick={form.discard}>
                    Discard
                  </Button>
                )}
                <AllowedButton
                  type="submit"
                  permission="mapping.edit"
                  why={mustConfirm ? 'People would change sides: tick the box beside the preview first' : ''}
                  loading={save.isSaving}
                >
                  {mapping === null ? 'Create mapping' : 'Save mapping'}
                </AllowedButton>
              </Group>
            </Group>
          </Paper>
        </Stack>
      </form>
      <aside className={classes.aside} aria-label="Preview">
        <Alert role="note" variant="light" icon={<IconInfoCircle aria-hidden />} p="sm">
          {mapping === null
            ? 'A new mapping starts at 0 %: legacy answers everything, exactly as today.'
            : 'Saving changes the definition only; the share stays where it is.'}
        </Alert>
        <PreviewPanel
          preview={checked.ok ? preview.data : undefined}
          isAsking={preview.isFetching}
          isWaiting={!checked.ok}
          error={preview.error}
          isConfirmed={isConfirmed}
          onConfirm={setConfirmed}
        />
        <TestBench environmentId={environmentId} hasEdits={form.isDirty} />
      </aside>
      <LeaveGuard isDirty={form.isDirty && !save.isSaving} onDiscard={form.discard} />
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={() => {
          save.dismiss()
          form.discard()
          props.onReload()
        }}
        onClose={save.dismiss}
      />
    </div>
  )
}

function Part(props: { title: string; hint?: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={props.title}>
      <Stack gap="sm">
        <div>
          <Title order={2} size="h5">
            {props.title}
          </Title>
          {props.hint !== undefined && (
            <Text size="sm" c="dimmed">
              {props.hint}
            </Text>
          )}
        </div>
        {props.children}
      </Stack>
    </Paper>
  )
}

function RestoredNotice(props: { onDiscard: () => void }) {
  return (
    <Alert role="status" variant="light" color="blue" icon={<IconPencil aria-hidden />}>
      <Group justify="space-between">
        <Text size="sm">Your unsaved draft is back.</Text>
        <Button size="compact-sm" variant="subtle" onClick={props.onDiscard}>
          Discard it
        </Button>
      </Group>
    </Alert>
  )
}
