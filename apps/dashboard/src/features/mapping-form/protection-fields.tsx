import { Fieldset, NumberInput, SimpleGrid, Stack, Switch, TagsInput } from '@mantine/core'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { FormState } from './form-state.ts'
import { LimitFields } from './limit-fields.tsx'
import type { PolicyDraft } from './policy-draft.ts'

type Numbered =
  | 'failurePercent'
  | 'minimumSample'
  | 'windowMs'
  | 'openMs'
  | 'bodyLimitBytes'
  | 'concurrencyLegacy'
  | 'concurrencyNew'

/** What keeps clients and services safe from a side that fails (rule 32). Everything has a sane default. */
export function ProtectionFields(props: { form: FormState; errorOf: (field: string) => string | undefined }) {
  const { form, errorOf } = props
  const { policy } = form.draft
  const set = form.setPolicy
  const number = (field: Numbered, label: string, suffix = '', description?: string) => (
    <NumberInput
      id={fieldId(`policy.${field}`)}
      label={label}
      description={description}
      value={policy[field]}
      allowDecimal={false}
      allowNegative={false}
      suffix={suffix}
      thousandSeparator=" "
      error={errorOf(`policy.${field}`)}
      onChange={(value) => set({ [field]: value })}
    />
  )
  const flag = (
    field: 'hasBreaker' | 'safeFallback' | 'idempotentWrites' | 'loopsBackToLegacy',
    label: string,
    description: string,
  ) => (
    <Switch
      id={fieldId(`policy.${field}`)}
      label={label}
      description={description}
      checked={policy[field]}
      onChange={(event) => set({ [field]: event.currentTarget.checked } satisfies Partial<PolicyDraft>)}
    />
  )
  return (
    <Stack gap="md">
      <Fieldset legend="Breaker of each side">
        <Stack gap="sm">
          {flag(
            'hasBreaker',
            'Stop asking a side that fails',
            'While new is stopped, legacy answers where it safely can; else clients get 503.',
          )}
          {policy.hasBreaker && (
            <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'end' }}>
              {number('failurePercent', 'Opens at', ' % failures')}
              {number('minimumSample', 'Of at least', ' requests')}
              {number('windowMs', 'Within', ' ms')}
              {number('openMs', 'Tries again after', ' ms', 'Longer each time it fails again.')}
            </SimpleGrid>
          )}
        </Stack>
      </Fieldset>
      <Fieldset legend="When new fails">
        <Stack gap="sm">
          {flag(
            'safeFallback',
            'Safe fallback',
            'A failed read on new is answered by legacy once, before the client has heard anything.',
          )}
          <TagsInput
            id={fieldId('policy.readThrough')}
            label="Read-through"
            description="Statuses of new that legacy answers instead, for data that has not moved yet."
            placeholder={policy.readThrough.length === 0 ? '404' : ''}
            acceptValueOnBlur
            value={[...policy.readThrough]}
            error={errorOf('policy.readThrough')}
            onChange={(readThrough) => set({ readThrough })}
          />
          {flag(
            'idempotentWrites',
            'Writes may be sent twice',
            'Only where the services make the same request twice the same as once.',
          )}
        </Stack>
      </Fieldset>
      <Fieldset legend="Limits, counted by each agent for itself">
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: 'end' }}>
            {number('bodyLimitBytes', 'Largest body', ' bytes', 'Empty: no limit. Above: 413.')}
            {number('concurrencyLegacy', 'Requests at once on legacy', '', 'Empty: no cap. Above: 503.')}
            {number('concurrencyNew', 'Requests at once on new', '', 'Above: reads overflow to legacy.')}
          </SimpleGrid>
          <LimitFields limits={policy.limits} errorOf={errorOf} onChange={(limits) => set({ limits })} />
        </Stack>
      </Fieldset>
      {flag(
        'loopsBackToLegacy',
        'Requests that come back go to legacy',
        'For a new service that asks the old address itself; without it a loop is answered 508.',
      )}
    </Stack>
  )
}
