import { Fieldset, NumberInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { fieldId } from '../../shared/forms/field-id.ts'
import { Fold } from '../../shared/forms/fold.tsx'
import { TextList } from '../../shared/forms/text-list.tsx'
import { protectionFields, protectionSummary, type ServiceFieldsProps } from './service-draft.ts'
import { TlsFields } from './tls-fields.tsx'

type Numbered =
  | 'intervalMs'
  | 'timeoutMs'
  | 'healthyAfter'
  | 'unhealthyAfter'
  | 'connectMs'
  | 'firstByteMs'
  | 'idleMs'
  | 'connections'
  | 'maxPending'
  | 'pendingTimeoutMs'
  | 'consecutiveFailures'
  | 'baseEjectionMs'
  | 'maxEjectedPercent'
  | 'slowStartMs'
  | 'tries'
  | 'budgetPercent'
  | 'minPerSecond'

/** All fields of a service. */
export function ServiceFields(props: ServiceFieldsProps) {
  const { draft, set, errorOf } = props
  const number = (field: Numbered, label: string, suffix = '') => (
    <NumberInput
      id={fieldId(field)}
      label={label}
      value={draft[field]}
      allowDecimal={false}
      allowNegative={false}
      suffix={suffix}
      thousandSeparator=" "
      error={errorOf(field)}
      onChange={(value) => set(field, value)}
    />
  )
  return (
    <>
      <TextInput
        id={fieldId('name')}
        label="Name"
        placeholder="books-new"
        required
        data-autofocus
        value={draft.name}
        error={errorOf('name')}
        onChange={(event) => set('name', event.currentTarget.value)}
      />
      <TextList
        field="instances"
        label="Instances"
        description="Origins without path: requests are spread over the healthy ones."
        item="Instance"
        placeholder="http://10.0.0.7:8080"
        value={draft.instances}
        errorOf={errorOf}
        onChange={(next) => set('instances', next)}
      />
      <Fieldset legend="Health check">
        <Stack gap="sm">
          <Switch
            id={fieldId('checksHealth')}
            label="Ask each instance whether it is well"
            checked={draft.checksHealth}
            onChange={(event) => set('checksHealth', event.currentTarget.checked)}
          />
          {draft.checksHealth && (
            <>
              <TextInput
                id={fieldId('healthPath')}
                label="Path"
                value={draft.healthPath}
                error={errorOf('healthPath')}
                onChange={(event) => set('healthPath', event.currentTarget.value)}
              />
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                {number('intervalMs', 'Every', ' ms')}
                {number('timeoutMs', 'Gives up after', ' ms')}
                {number('healthyAfter', 'Good answers until healthy')}
                {number('unhealthyAfter', 'Failures until unhealthy')}
              </SimpleGrid>
            </>
          )}
        </Stack>
      </Fieldset>
      <Fieldset legend="Time limits and connections">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {number('connectMs', 'Connect', ' ms')}
          {number('firstByteMs', 'First byte of the answer', ' ms')}
          {number('idleMs', 'Silence on an open exchange', ' ms')}
          {number('connections', 'Connections per instance')}
        </SimpleGrid>
      </Fieldset>
      <Fold
        title="Protection"
        summary={protectionSummary(draft)}
        isOpen={[...protectionFields].some((field) => errorOf(field) !== undefined)}
      >
        <Stack gap="md">
          <Fieldset legend="Instances that fail">
            <Stack gap="sm">
              <Switch
                id={fieldId('ejects')}
                label="Leave out an instance that keeps failing"
                checked={draft.ejects}
                onChange={(event) => set('ejects', event.currentTarget.checked)}
              />
              <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'end' }}>
                {draft.ejects && (
                  <>
                    {number('consecutiveFailures', 'After failures in a row')}
                    {number('baseEjectionMs', 'For at first', ' ms')}
                    {number('maxEjectedPercent', 'Of all instances at most', ' %')}
                  </>
                )}
                {number('slowStartMs', 'One that comes back takes its part within', ' ms')}
              </SimpleGrid>
            </Stack>
          </Fieldset>
          <Fieldset legend="Retries of safe requests">
            <SimpleGrid cols={{ base: 1, xs: 3 }} style={{ alignItems: 'end' }}>
              {number('tries', 'Tries, with the first')}
              {number('budgetPercent', 'Retries beside all requests', ' %')}
              {number('minPerSecond', 'Always possible, per second')}
            </SimpleGrid>
          </Fieldset>
          <Fieldset legend="Waiting for a connection">
            <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'end' }}>
              {number('maxPending', 'Requests that may wait, per instance')}
              {number('pendingTimeoutMs', 'For at most', ' ms')}
            </SimpleGrid>
          </Fieldset>
        </Stack>
      </Fold>
      <TlsFields {...props} />
    </>
  )
}
