import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { AmountInput } from './amount-input.tsx'
import { DurationInput } from './duration-input.tsx'
import { guardrailSentence, isOfNewAlone, metricChoices, metricKey, unitOf } from './guardrail-words.ts'
import { freshId, type GuardrailDraft } from './ramp-draft.ts'
import { TrialNote } from './trial-note.tsx'

interface FieldsProps {
  /** Whose stored numbers a guardrail is tried on; null for none. */
  readonly mappingId: string | null
  readonly guardrails: readonly GuardrailDraft[]
  readonly errorOf: (field: string) => string | undefined
  readonly onChange: (field: string, next: readonly GuardrailDraft[]) => void
}

/** What new may not do while the ramp climbs, each as a sentence that opens into its fields. */
export function GuardrailList(props: FieldsProps) {
  const { guardrails, onChange } = props
  const [opened, setOpened] = useState<string | null>(null)
  return (
    <Stack gap="xs">
      {guardrails.length === 0 && (
        <Text size="sm" c="var(--cf-bad)">
          Without a guardrail nothing stops the ramp by itself.
        </Text>
      )}
      {guardrails.map((guardrail, index) => {
        const at = `guardrails.${index}`
        const hasError = fieldNames.some((field) => props.errorOf(`${at}.${field}`) !== undefined)
        const open = opened === guardrail.id || hasError
        return (
          <Paper key={guardrail.id} withBorder p="sm" component="section" aria-label={guardrail.name}>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <div>
                <Text size="sm" fw={600}>
                  {guardrail.name}
                </Text>
                <Text size="sm">{guardrailSentence(guardrail)}</Text>
              </div>
              <Group gap={4} wrap="nowrap">
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-expanded={open}
                  aria-label={`Edit ${guardrail.name}`}
                  onClick={() => setOpened(open ? null : guardrail.id)}
                >
                  {open ? 'Close' : 'Edit'}
                </Button>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${guardrail.name}`}
                  onClick={() =>
                    onChange(
                      at,
                      guardrails.filter(({ id }) => id !== guardrail.id),
                    )
                  }
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Group>
            {open && (
              <OneGuardrail
                at={at}
                guardrail={guardrail}
                mappingId={props.mappingId}
                errorOf={props.errorOf}
                onChange={(field, edit) =>
                  onChange(
                    field,
                    guardrails.map((one) => (one.id === guardrail.id ? { ...one, ...edit } : one)),
                  )
                }
              />
            )}
          </Paper>
        )
      })}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => {
            const added = freshGuardrail()
            setOpened(added.id)
            onChange('guardrails', [...guardrails, added])
          }}
        >
          Add guardrail
        </Button>
      </Group>
    </Stack>
  )
}

const fieldNames = [
  'name',
  'client',
  'windowMs',
  'minimumSample',
  'limit.max',
  'limit.factor',
  'limit.plus',
  'limit.tolerates',
  'limit.outOf',
]

const relative = { kind: 'against-legacy', factor: 1.1, plus: 0.001, tolerates: 0, outOf: 1 } as const
const absoluteMax = { percent: 0.01, ms: 500, count: 3, seconds: 30, value: 1 } as const

function freshGuardrail(): GuardrailDraft {
  return {
    id: freshId(),
    name: 'Errors',
    metric: { kind: 'error-rate' },
    limit: relative,
    client: null,
    windowMs: 60_000,
    minimumSample: 50,
    action: 'roll-back',
    dryRun: false,
  }
}

function OneGuardrail(props: {
  at: string
  guardrail: GuardrailDraft
  mappingId: string | null
  errorOf: (field: string) => string | undefined
  onChange: (field: string, edit: Partial<GuardrailDraft>) => void
}) {
  const { at, guardrail } = props
  const { metric, limit } = guardrail
  const errorOf = (field: string) => props.errorOf(`${at}.${field}`)
  const change = (field: string, edit: Partial<GuardrailDraft>) => props.onChange(`${at}.${field}`, edit)
  const absolute = { kind: 'absolute', max: absoluteMax[unitOf(metric)], tolerates: 0, outOf: 1 } as const
  return (
    <Stack gap="sm" mt="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NativeSelect
          label="Measures"
          data={metricChoices.map(({ value, label }) => ({ value, label }))}
          value={metricKey(metric)}
          onChange={(event) => {
            const chosen = metricChoices.find(({ value }) => value === event.currentTarget.value)
            if (chosen === undefined) return
            const sameUnit = unitOf(chosen.metric) === unitOf(metric)
            const fits = limit.kind === 'absolute' ? sameUnit : !isOfNewAlone(chosen.metric)
            const name = isDefaultName(guardrail) ? nameFor(chosen.label) : guardrail.name
            const max = absoluteMax[unitOf(chosen.metric)]
            change('limit', {
              metric: chosen.metric,
              name,
              ...(!fits && { limit: { kind: 'absolute', max, tolerates: 0, outOf: 1 } }),
            })
          }}
        />
        <TextInput
          id={fieldId(`${at}.name`)}
          label="Name"
          value={guardrail.name}
          error={errorOf('name')}
          onChange={(event) => change('name', { name: event.currentTarget.value })}
        />
        {metric.kind === 'external' && (
          <TextInput
            label="Name of the metric"
            value={metric.name}
            onChange={(event) =>
              change('metric', { metric: { kind: 'external', name: event.currentTarget.value } })
            }
          />
        )}
      </SimpleGrid>
      {!isOfNewAlone(metric) && (
        <SegmentedControl
          aria-label="Compared with"
          value={limit.kind}
          data={[
            { value: 'against-legacy', label: 'Compared with legacy' },
            { value: 'absolute', label: 'A fixed limit' },
          ]}
          onChange={(kind) => change('limit', { limit: kind === 'absolute' ? absolute : relative })}
        />
      )}
      <LimitFields at={at} guardrail={guardrail} errorOf={errorOf} onChange={change} />
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <AmountInput
          field={`${at}.minimumSample`}
          label="Requests, at least"
          isWhole
          value={guardrail.minimumSample}
          error={errorOf('minimumSample')}
          onChange={(minimumSample) => change('minimumSample', { minimumSample })}
        />
        <NativeSelect
          label="Beyond it"
          data={[
            { value: 'roll-back', label: 'roll back' },
            { value: 'pause', label: 'pause the ramp' },
            { value: 'alert', label: 'tell people' },
          ]}
          value={guardrail.action}
          onChange={({ currentTarget: { value } }) =>
            change('action', { action: value === 'pause' || value === 'alert' ? value : 'roll-back' })
          }
        />
        <TextInput
          id={fieldId(`${at}.client`)}
          label="Only clients of kind"
          placeholder="all"
          value={guardrail.client ?? ''}
          error={errorOf('client')}
          onChange={({ currentTarget: { value } }) =>
            change('client', { client: value === '' ? null : value })
          }
        />
      </SimpleGrid>
      <Checkbox
        label="Dry run: judge and record it, never act on it"
        checked={guardrail.dryRun}
        onChange={(event) => change('dryRun', { dryRun: event.currentTarget.checked })}
      />
      {props.mappingId !== null && <TrialNote guardrail={guardrail} mappingId={props.mappingId} />}
    </Stack>
  )
}

function LimitFields(props: {
  at: string
  guardrail: GuardrailDraft
  errorOf: (field: string) => string | undefined
  onChange: (field: string, edit: Partial<GuardrailDraft>) => void
}) {
  const { at, guardrail, errorOf, onChange } = props
  const { metric, limit } = guardrail
  if (limit.kind === 'against-legacy')
    return (
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <AmountInput
          field={`${at}.limit.factor`}
          label={metric.kind === 'latency' ? 'At most slower by' : 'At most above legacy by'}
          suffix=" %"
          scale={100}
          offset={1}
          value={limit.factor}
          error={errorOf('limit.factor')}
          onChange={(factor) => onChange('limit.factor', { limit: { ...limit, factor } })}
        />
        <AmountInput
          field={`${at}.limit.plus`}
          label={plusLabel(metric.kind)}
          {...(metric.kind !== 'external' && { suffix: ' %', scale: 100 })}
          value={limit.plus}
          error={errorOf('limit.plus')}
          onChange={(plus) => onChange('limit.plus', { limit: { ...limit, plus } })}
        />
      </SimpleGrid>
    )
  const unit = unitOf(metric)
  return (
    <SimpleGrid cols={{ base: 1, xs: 4 }} spacing="sm">
      <AmountInput
        field={`${at}.limit.max`}
        label="At most"
        {...(unit === 'percent' && { suffix: ' %', scale: 100 })}
        {...(unit === 'ms' && { suffix: ' ms' })}
        {...(unit === 'seconds' && { suffix: ' s' })}
        value={limit.max}
        error={errorOf('limit.max')}
        onChange={(max) => onChange('limit.max', { limit: { ...limit, max } })}
      />
      <DurationInput
        field={`${at}.windowMs`}
        label="Over"
        value={guardrail.windowMs}
        error={errorOf('windowMs')}
        onChange={(windowMs) => onChange('windowMs', { windowMs: windowMs ?? 0 })}
      />
      <AmountInput
        field={`${at}.limit.tolerates`}
        label="Tolerated windows"
        isWhole
        value={limit.tolerates}
        error={errorOf('limit.tolerates')}
        onChange={(tolerates) => onChange('limit.tolerates', { limit: { ...limit, tolerates } })}
      />
      <AmountInput
        field={`${at}.limit.outOf`}
        label="Out of the last"
        isWhole
        value={limit.outOf}
        error={errorOf('limit.outOf')}
        onChange={(outOf) => onChange('limit.outOf', { limit: { ...limit, outOf } })}
      />
    </SimpleGrid>
  )
}

function plusLabel(kind: GuardrailDraft['metric']['kind']): string {
  if (kind === 'latency') return 'Tolerated part of requests'
  return kind === 'external' ? 'Plus' : 'Plus percentage points'
}

function nameFor(label: string): string {
  return label.replace(/ \((5xx).*$/, '')
}

function isDefaultName({ name, metric }: GuardrailDraft): boolean {
  const label = metricChoices.find(({ value }) => value === metricKey(metric))?.label
  return name === '' || (label !== undefined && name === nameFor(label))
}
