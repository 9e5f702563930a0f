import { durationWords } from '@crossfade/core/words'
import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { DurationInput } from './duration-input.tsx'
import { NumberField } from './number-field.tsx'
import { freshId, type StageDraft } from './ramp-draft.ts'

const gates = [
  { value: 'automatic', label: 'goes on by itself' },
  { value: 'manual', label: 'waits for a person' },
  { value: 'approval', label: 'waits for an approval' },
] as const

/** One stage: how much, for how long, and what lets the ramp leave it. */
export function StageFields(props: {
  index: number
  stage: StageDraft
  errorOf: (field: string) => string | undefined
  onChange: (field: string, edit: Partial<StageDraft>) => void
  onRemove: (() => void) | null
}) {
  const { index, stage, onChange } = props
  const at = (field: string) => `plan.stages.${index}.${field}`
  const errorOf = (field: string) => props.errorOf(at(field))
  const hasHiddenError = ['minimumRequests', 'maxWaitMs'].some((field) => errorOf(field) !== undefined)
  const [isToggled, setToggled] = useState(false)
  const open = isToggled || hasHiddenError || stage.checklist.length > 0
  return (
    <Fieldset legend={`Stage ${index + 1}`}>
      <Stack gap="sm">
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" flex={1}>
            <NumberField
              id={fieldId(at('percent'))}
              label="Share"
              suffix=" %"
              max={100}
              decimalScale={2}
              value={stage.percent}
              error={errorOf('percent')}
              onChange={(percent) => onChange(at('percent'), { percent })}
            />
            <DurationInput
              field={at('holdMs')}
              label="Hold"
              value={stage.holdMs}
              error={errorOf('holdMs')}
              onChange={(holdMs) => onChange(at('holdMs'), { holdMs })}
            />
            <NativeSelect
              id={fieldId(at('gate'))}
              label="Then"
              data={[...gates]}
              value={stage.gate}
              error={errorOf('gate')}
              onChange={(event) => {
                const gate = gates.find(({ value }) => value === event.currentTarget.value)?.value
                if (gate !== undefined) onChange(at('gate'), { gate })
              }}
            />
          </SimpleGrid>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            mt={24}
            aria-label={`Remove stage ${index + 1}`}
            disabled={props.onRemove === null}
            onClick={() => props.onRemove?.()}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
        {!open && (
          <Group gap="xs">
            <Text size="xs" c="dimmed">
              {stage.minimumRequests ?? '–'} requests needed
              {stage.maxWaitMs !== null &&
                `, calls people after ${durationWords(stage.maxWaitMs)} of waiting`}
            </Text>
            <Button variant="subtle" size="compact-xs" onClick={() => setToggled(true)}>
              More about stage {index + 1}
            </Button>
          </Group>
        )}
        {open && <MoreFields {...props} at={at} errorOf={errorOf} />}
      </Stack>
    </Fieldset>
  )
}

function MoreFields(props: {
  index: number
  stage: StageDraft
  at: (field: string) => string
  errorOf: (field: string) => string | undefined
  onChange: (field: string, edit: Partial<StageDraft>) => void
}) {
  const { stage, at, errorOf, onChange } = props
  const { sampling } = stage
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NumberField
          id={fieldId(at('minimumRequests'))}
          label="Requests on new, at least"
          allowDecimal={false}
          value={stage.minimumRequests}
          error={errorOf('minimumRequests')}
          onChange={(minimumRequests) => onChange(at('minimumRequests'), { minimumRequests })}
        />
        <DurationInput
          field={at('maxWaitMs')}
          label="Call people after waiting (empty: never)"
          value={stage.maxWaitMs}
          error={errorOf('maxWaitMs')}
          onChange={(maxWaitMs) => onChange(at('maxWaitMs'), { maxWaitMs })}
        />
      </SimpleGrid>
      <Checkbox
        label="Watch new more closely while it lasts"
        checked={sampling !== null}
        onChange={(event) =>
          onChange(at('sampling'), {
            sampling: event.currentTarget.checked
              ? { logPercent: 100, tracePercent: 10, shadowPercent: 0 }
              : null,
          })
        }
      />
      {sampling !== null && (
        <SimpleGrid cols={3} spacing="sm">
          {samples.map(({ field, label }) => (
            <NumberField
              key={field}
              id={fieldId(at(`sampling.${field}`))}
              label={label}
              suffix=" %"
              max={100}
              allowDecimal={false}
              value={sampling[field]}
              error={errorOf(`sampling.${field}`)}
              onChange={(value) =>
                onChange(at(`sampling.${field}`), {
                  sampling: { ...sampling, [field]: value ?? 0 },
                })
              }
            />
          ))}
        </SimpleGrid>
      )}
      <ChecklistFields {...props} />
    </Stack>
  )
}

const samples = [
  { field: 'logPercent', label: 'Logs' },
  { field: 'tracePercent', label: 'Traces' },
  { field: 'shadowPercent', label: 'Shadow copies' },
] as const

function ChecklistFields(props: {
  index: number
  stage: StageDraft
  at: (field: string) => string
  errorOf: (field: string) => string | undefined
  onChange: (field: string, edit: Partial<StageDraft>) => void
}) {
  const { stage, at, errorOf, index } = props
  const { checklist } = stage
  const change = (field: string, next: StageDraft['checklist']) =>
    props.onChange(at(field), { checklist: next })
  return (
    <Stack gap="xs" role="group" aria-label={`Checklist of stage ${index + 1}`}>
      {checklist.length > 0 && (
        <Text size="sm" fw={500}>
          To be ticked before it is left
        </Text>
      )}
      {checklist.map((item, place) => (
        <Group key={item.id} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            flex={1}
            id={fieldId(at(`checklist.${place}.text`))}
            aria-label={`Item ${place + 1} of stage ${index + 1}`}
            maxLength={500}
            value={item.text}
            error={errorOf(`checklist.${place}.text`)}
            onChange={(event) =>
              change(
                `checklist.${place}.text`,
                checklist.map((one) =>
                  one.id === item.id ? { ...one, text: event.currentTarget.value } : one,
                ),
              )
            }
          />
          <Checkbox
            mt={8}
            label="required"
            checked={item.required}
            onChange={(event) =>
              change(
                'checklist',
                checklist.map((one) =>
                  one.id === item.id ? { ...one, required: event.currentTarget.checked } : one,
                ),
              )
            }
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove item ${place + 1} of stage ${index + 1}`}
            onClick={() =>
              change(
                'checklist',
                checklist.filter(({ id }) => id !== item.id),
              )
            }
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change('checklist', [...checklist, { id: freshId(), text: '', required: true }])}
        >
          Add checklist item
        </Button>
      </Group>
    </Stack>
  )
}
