import { ActionIcon, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { AmountInput } from './amount-input.tsx'
import { freshId, type CriterionDraft } from './ramp-draft.ts'

const choices: readonly { value: string; label: string; metric: CriterionDraft['metric']; atMost: number }[] =
  [
    { value: 'error-rate', label: 'Errors', metric: { kind: 'error-rate' }, atMost: 0.01 },
    {
      value: 'client-error-rate',
      label: 'Client errors (4xx)',
      metric: { kind: 'client-error-rate' },
      atMost: 0.05,
    },
    { value: 'mismatch-rate', label: 'Differing answers', metric: { kind: 'mismatch-rate' }, atMost: 0.001 },
    { value: 'p50', label: 'Latency p50', metric: { kind: 'latency', quantile: 0.5 }, atMost: 100 },
    { value: 'p95', label: 'Latency p95', metric: { kind: 'latency', quantile: 0.95 }, atMost: 300 },
    { value: 'p99', label: 'Latency p99', metric: { kind: 'latency', quantile: 0.99 }, atMost: 1000 },
  ]

/** Targets for new, written down before the ramp starts; they are shown, and stop nothing. */
export function AcceptanceFields(props: {
  acceptance: readonly CriterionDraft[]
  errorOf: (field: string) => string | undefined
  onChange: (field: string, next: readonly CriterionDraft[]) => void
}) {
  const { acceptance, onChange, errorOf } = props
  const replace = (field: string, id: string, edit: Partial<CriterionDraft>) =>
    onChange(
      field,
      acceptance.map((one) => (one.id === id ? { ...one, ...edit } : one)),
    )
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        Written down now, shown as met or not at each stage and at the end. They stop nothing; guardrails do.
      </Text>
      {acceptance.map((criterion, index) => {
        const at = `acceptance.${index}`
        const isLatency = criterion.metric.kind === 'latency'
        return (
          <Group key={criterion.id} gap="sm" wrap="nowrap" align="flex-start">
            <NativeSelect
              flex={2}
              label="Target"
              data={choices.map(({ value, label }) => ({ value, label }))}
              value={keyOf(criterion.metric)}
              onChange={(event) => {
                const chosen = choices.find(({ value }) => value === event.currentTarget.value)
                if (chosen !== undefined)
                  replace(`${at}.atMost`, criterion.id, { metric: chosen.metric, atMost: chosen.atMost })
              }}
            />
            <AmountInput
              field={`${at}.atMost`}
              label="At most"
              value={criterion.atMost}
              {...(isLatency ? { suffix: ' ms' } : { suffix: ' %', scale: 100 })}
              error={errorOf(`${at}.atMost`)}
              onChange={(atMost) => replace(`${at}.atMost`, criterion.id, { atMost })}
            />
            <AmountInput
              field={`${at}.minimumSample`}
              label="Requests, at least"
              isWhole
              value={criterion.minimumSample}
              error={errorOf(`${at}.minimumSample`)}
              onChange={(minimumSample) => replace(`${at}.minimumSample`, criterion.id, { minimumSample })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              mt={24}
              aria-label={`Remove target ${index + 1}`}
              onClick={() =>
                onChange(
                  at,
                  acceptance.filter(({ id }) => id !== criterion.id),
                )
              }
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        )
      })}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() =>
            onChange('acceptance', [
              ...acceptance,
              { id: freshId(), metric: { kind: 'error-rate' }, atMost: 0.01, minimumSample: 100 },
            ])
          }
        >
          Add target
        </Button>
      </Group>
    </Stack>
  )
}

function keyOf(metric: CriterionDraft['metric']): string {
  return metric.kind === 'latency' ? `p${metric.quantile * 100}` : metric.kind
}
