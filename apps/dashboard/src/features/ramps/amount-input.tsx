import { fieldId } from '../../shared/forms/field-id.ts'
import { NumberField } from './number-field.tsx'

/** A number kept in one unit and typed in another: `scale` 100 for a fraction typed as percent. */
export function AmountInput(props: {
  field: string
  label: string
  value: number
  scale?: number
  /** Kept is `offset` more than what is typed: a factor of 1.1 is typed as 10 % more. */
  offset?: number
  suffix?: string
  isWhole?: boolean
  error?: string | undefined
  onChange: (value: number) => void
}) {
  const { scale = 1, offset = 0 } = props
  const shown = Number(((props.value - offset) * scale).toPrecision(10))
  return (
    <NumberField
      id={fieldId(props.field)}
      label={props.label}
      {...(props.suffix !== undefined && { suffix: props.suffix })}
      allowDecimal={props.isWhole !== true}
      value={Number.isFinite(shown) ? shown : null}
      error={props.error}
      onChange={(typed) =>
        props.onChange(typed === null ? Number.NaN : Number((typed / scale + offset).toPrecision(12)))
      }
    />
  )
}
