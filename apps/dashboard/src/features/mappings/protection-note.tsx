import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Alert, Text } from '@mantine/core'
import { IconShieldHalf } from '@tabler/icons-react'
import { countText, listText } from '../../shared/format.ts'
import { useLive } from '../live/live-provider.tsx'
import { helped, openBreakers, shedWords } from './protection-words.ts'

/** What protection does for this mapping right now; nothing while it does nothing. */
export function ProtectionNote({ mapping }: { mapping: MappingView }) {
  const view = useLive((state) => state.view)
  if (view === null) return null
  const { numbers } = view
  const agents = Object.values(view.agents)
  const breakers = openBreakers(agents, mapping.id)
  const shed = shedWords(agents, mapping.id)
  const { retries, fallbacks } = helped(numbers, mapping.id, 60)
  const minute = [
    retries > 0 ? `${countText(retries)} tried again` : '',
    fallbacks > 0 ? `${countText(fallbacks)} answered by the other side` : '',
  ].filter(Boolean)
  if (breakers.length === 0 && shed.length === 0 && minute.length === 0) return null
  return (
    <Alert
      role="status"
      variant="light"
      color={breakers.length > 0 ? 'red' : 'blue'}
      icon={<IconShieldHalf aria-hidden />}
      title={breakers.length > 0 ? 'A breaker is open' : 'Protection is at work'}
      data-testid="protection"
    >
      {breakers.map(({ side, words }) => (
        <Text key={side} size="sm">
          {words}: it is asked only now and then until it is well.
          {side === 'new' && ' Legacy answers what it safely can; the rest gets 503.'}
        </Text>
      ))}
      {minute.length > 0 && <Text size="sm">In the last minute: {listText(minute)}.</Text>}
      {shed.length > 0 && <Text size="sm">Since the agents started: {listText(shed)}.</Text>}
    </Alert>
  )
}
