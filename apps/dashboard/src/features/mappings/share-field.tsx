import { NumberInput } from '@mantine/core'
import { useState } from 'react'

/** The share as a number, two decimals. What is no number moves nothing, and is gone when one leaves the field. */
export function ShareField(props: {
  percent: number
  readOnly: boolean
  onDraft: (percent: number) => void
  onApply: () => void
  onDiscard: () => void
}) {
  const [unfinished, setUnfinished] = useState<string | null>(null)
  return (
    <NumberInput
      aria-label="Share in per cent"
      value={unfinished ?? props.percent}
      onChange={(value) => {
        setUnfinished(typeof value === 'number' ? null : value)
        if (typeof value === 'number') props.onDraft(value)
      }}
      onBlur={() => setUnfinished(null)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') props.onApply()
        if (event.key !== 'Escape') return
        setUnfinished(null)
        props.onDiscard()
      }}
      min={0}
      max={100}
      step={1}
      decimalScale={2}
      clampBehavior="blur"
      allowNegative={false}
      suffix=" %"
      w={116}
      readOnly={props.readOnly}
    />
  )
}
