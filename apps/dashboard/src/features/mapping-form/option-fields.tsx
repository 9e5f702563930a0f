import { Stack, Switch, Radio } from '@mantine/core'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { FormState } from './form-state.ts'
import type { MappingDraft } from './mapping-draft.ts'

const phases: readonly { value: MappingDraft['writes']; label: string; description: string }[] = [
  {
    value: 'with-share',
    label: 'Writes follow the share',
    description: 'For services that share their data: a write goes to the side its sender is on.',
  },
  {
    value: 'off',
    label: 'Writes stay on legacy',
    description: 'Only reads (GET, HEAD, OPTIONS, TRACE) follow the share; legacy keeps the data.',
  },
  {
    value: 'dual-legacy',
    label: 'Legacy answers writes, new gets a copy',
    description: 'Set by a write phase.',
  },
  {
    value: 'dual-new',
    label: 'New answers writes, legacy gets a copy',
    description: 'Set by a write phase.',
  },
  { value: 'complete', label: 'Writes go to new only', description: 'After the point of no return.' },
]

/** What happens to writes. Phases that copy writes are offered only where one is already in force. */
export function WriteFields(props: { form: FormState; error: string | undefined }) {
  const { draft } = props.form
  const offered = phases.filter(({ value }, at) => at < 2 || value === draft.writes)
  return (
    <Radio.Group
      id={fieldId('writes')}
      aria-label="Writes"
      value={draft.writes}
      error={props.error}
      onChange={(value) =>
        props.form.set({ writes: phases.find((phase) => phase.value === value)?.value ?? 'with-share' })
      }
    >
      <Stack gap="sm">
        {offered.map((phase) => (
          <Radio key={phase.value} {...phase} />
        ))}
      </Stack>
    </Radio.Group>
  )
}

export function OptionFields(props: { form: FormState }) {
  const { draft } = props.form
  return (
    <Switch
      id={fieldId('originalUriOnAnswers')}
      label="Put the original address on answers"
      description="Answers carry X-Original-URI, for clients and logs that look for it."
      checked={draft.originalUriOnAnswers}
      onChange={(event) => props.form.set({ originalUriOnAnswers: event.currentTarget.checked })}
    />
  )
}
