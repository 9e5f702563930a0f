import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useState } from 'react'

/** A number that may be half typed (`0.`, nothing): null for whoever keeps it, still on screen for who types. */
export function NumberField({
  value,
  onChange,
  ...rest
}: Omit<NumberInputProps, 'value' | 'onChange'> & {
  value: number | null
  onChange: (value: number | null) => void
}) {
  const [typed, setTyped] = useState<{ text: string | number; value: number | null }>({
    text: value ?? '',
    value,
  })
  if (!Object.is(typed.value, value)) setTyped({ text: value ?? '', value })
  return (
    <NumberInput
      min={0}
      hideControls
      {...rest}
      value={typed.text}
      onChange={(text) => {
        const next = typeof text === 'number' ? text : null
        setTyped({ text, value: next })
        onChange(next)
      }}
    />
  )
}
