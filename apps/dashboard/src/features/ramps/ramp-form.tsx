import {
  rampViewSchema,
  type RampDetail,
  type RampInput,
  type RampView,
} from '@crossfade/contracts/api/ramps'
import { Button, Drawer, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'
import { AcceptanceFields } from './acceptance-fields.tsx'
import { DurationInput } from './duration-input.tsx'
import { ForecastNote } from './forecast-note.tsx'
import { GuardrailList } from './guardrail-fields.tsx'
import { checkDraft, nextStage, rampFieldOf, type RampDraft, type StageDraft } from './ramp-draft.ts'
import type { RampTarget } from './ramp-queries.ts'
import { StageFields } from './stage-fields.tsx'

/** Writes a plan with its guardrails and targets: a new one, or that of a ramp that stands still. */
export function RampForm(props: {
  target: RampTarget
  /** Null for a new one. */
  ramp: RampDetail | null
  start: RampDraft
  onClose: () => void
}) {
  const { target, ramp } = props
  const environmentId = useEnvironmentId()
  const save = useSave<RampInput, RampView>({
    objectKind: 'ramp',
    fieldOf: rampFieldOf,
    send: (input, options) =>
      ramp === null
        ? api.send(
            'POST',
            '/ramps',
            { ...input, environmentId, target: { kind: target.kind, id: target.id } },
            rampViewSchema,
            options,
          )
        : api.send('PUT', `/ramps/${ramp.id}`, input, rampViewSchema, options),
    onSaved: () => {
      toast(ramp === null ? `${target.name} has a ramp; it is not started yet` : 'The plan is saved')
      props.onClose()
    },
  })
  const form = useDraft<RampDraft>(props.start, save)
  const { plan, guardrails, acceptance } = form.draft
  const setStages = (field: string, stages: readonly StageDraft[]) => {
    save.clear(field)
    form.set('plan', { ...plan, stages })
  }
  const submit = () => {
    const { input, issues } = checkDraft(form.draft)
    if (input === null) save.refuse(issues)
    else save.send(input, ramp?.version)
  }
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="xl"
      title={ramp === null ? `Ramp for ${target.name}` : `Edit the ramp of ${target.name}`}
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
          <section aria-label="Stages of the plan">
            <Title order={2} size="h5" mb="xs">
              Stages
            </Title>
            <Stack gap="sm">
              {plan.stages.map((stage, index) => (
                <StageFields
                  // Stages have no identity but their place.
                  // oxlint-disable-next-line react/no-array-index-key
                  key={index}
                  index={index}
                  stage={stage}
                  errorOf={save.errorOf}
                  onChange={(field, edit) =>
                    setStages(
                      field,
                      plan.stages.map((one, place) => (place === index ? { ...one, ...edit } : one)),
                    )
                  }
                  onRemove={
                    plan.stages.length < 2
                      ? null
                      : () =>
                          setStages(
                            `plan.stages.${index}`,
                            plan.stages.filter((_, place) => place !== index),
                          )
                  }
                />
              ))}
              <Group justify="space-between">
                <Button
                  variant="subtle"
                  size="compact-sm"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  disabled={plan.stages.length >= 50}
                  onClick={() => setStages('plan.stages', [...plan.stages, nextStage(plan.stages)])}
                >
                  Add stage
                </Button>
                <Text size="sm" c="dimmed">
                  {endWords(plan.stages.at(-1)?.percent ?? null)}
                </Text>
              </Group>
              <Group grow align="flex-start">
                <NativeSelect
                  id={fieldId('plan.onNewVersion')}
                  label="When new gets another version"
                  data={[
                    { value: 'restart', label: 'the stage begins anew' },
                    { value: 'step-back', label: 'go one stage back' },
                  ]}
                  value={plan.onNewVersion}
                  onChange={({ currentTarget: { value } }) =>
                    form.set('plan', {
                      ...plan,
                      onNewVersion: value === 'step-back' ? 'step-back' : 'restart',
                    })
                  }
                />
                <DurationInput
                  field="plan.stepBackMs"
                  label="Rolling back step by step: each step takes"
                  value={plan.stepBackMs}
                  error={save.errorOf('plan.stepBackMs')}
                  onChange={(ms) => {
                    save.clear('plan.stepBackMs')
                    form.set('plan', { ...plan, stepBackMs: ms ?? 0 })
                  }}
                />
              </Group>
            </Stack>
          </section>
          <section aria-label="Guardrails of the plan">
            <Title order={2} size="h5" mb="xs">
              Guardrails
            </Title>
            <GuardrailList
              mappingId={target.kind === 'mapping' ? target.id : (ramp?.mappings[0]?.id ?? null)}
              guardrails={guardrails}
              errorOf={save.errorOf}
              onChange={(field, next) => {
                save.clear(field)
                form.set('guardrails', next)
              }}
            />
          </section>
          <section aria-label="Acceptance criteria of the plan">
            <Title order={2} size="h5" mb="xs">
              Acceptance criteria
            </Title>
            <AcceptanceFields
              acceptance={acceptance}
              errorOf={save.errorOf}
              onChange={(field, next) => {
                save.clear(field)
                form.set('acceptance', next)
              }}
            />
          </section>
          <ForecastNote target={target} input={checkDraft(form.draft).input} />
          <FormFooter
            permission="ramp.edit"
            label={ramp === null ? 'Create ramp' : 'Save'}
            isSaving={save.isSaving}
            onCancel={props.onClose}
          />
        </Stack>
      </form>
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

function endWords(percent: number | null): string {
  if (percent === null || percent === 100) return ''
  return `Ends at ${percent} %: what comes next waits for another plan.`
}
