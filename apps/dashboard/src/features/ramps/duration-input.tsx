import { Group, Input, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { NumberField } from './number-field.tsx'

const units = [
  { value: '1000', label: 'seconds' },
  { value: '60000', label: 'minutes' },
  { value: '3600000', label: 'hours' },
  { value: '86400000', label: 'days' },
]

/** A time span in ms, typed as an amount and a unit; null while the amount is no number. */
export function DurationInput(props: {
  field: string
  label: string
  description?: string
  value: number | null
  error?: string | undefined
  onChange: (ms: number | null) => void
}) {
  const [unit, setUnit] = useState(() => largestUnitOf(props.value ?? 3_600_000))
  const amount = props.value === null ? null : props.value / unit
  return (
    <Input.Wrapper
      label={props.label}
      description={props.description}
      error={props.error}
      labelProps={{ htmlFor: fieldId(props.field) }}
    >
      <Group gap={4} wrap="nowrap" mt={4}>
        <NumberField
          flex={1}
          miw={64}
          id={fieldId(props.field)}
          value={amount}
          error={props.error !== undefined}
          onChange={(next) => props.onChange(next === null ? null : Math.round(next * unit))}
        />
        <NativeSelect
          w={104}
          aria-label={`${props.label}: unit`}
          data={units}
          value={String(unit)}
          onChange={(event) => {
            const next = Number(event.currentTarget.value)
            setUnit(next)
            if (amount !== null) props.onChange(Math.round(amount * next))
          }}
        />
      </Group>
    </Input.Wrapper>
  )
}

function largestUnitOf(ms: number): number {
  const sizes = units.map(({ value }) => Number(value))
  return sizes.findLast((size) => ms >= size && ms % size === 0) ?? 60_000
}
