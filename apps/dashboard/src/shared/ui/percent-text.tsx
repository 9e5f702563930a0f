import { Text } from '@mantine/core'
import { percentText } from '../format.ts'

export function PercentText(props: { percent: number }) {
  return (
    <Text span inherit style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
      {percentText(props.percent)}
    </Text>
  )
}
