import type { AgentView } from '@crossfade/contracts/api/agents'
import { Group, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconCircleX,
  IconRefresh,
} from '@tabler/icons-react'
import { stateOf, type AgentTone } from './agent-words.ts'

const looks: Record<AgentTone | 'refused', { icon: typeof IconRefresh; color: string }> = {
  good: { icon: IconCircleCheck, color: 'var(--cf-good)' },
  waiting: { icon: IconRefresh, color: 'var(--mantine-color-blue-text)' },
  bad: { icon: IconCircleX, color: 'var(--cf-bad)' },
  refused: { icon: IconAlertTriangle, color: 'var(--cf-warn)' },
  away: { icon: IconCircleMinus, color: 'var(--mantine-color-dimmed)' },
}

/** Icon, word and colour: never colour alone. */
export function AgentState(props: { agent: AgentView }) {
  const { tone, word, sentence } = stateOf(props.agent)
  const { icon: Icon, color } = looks[word === 'Refuses' ? 'refused' : tone]
  return (
    <Group gap={6} wrap="nowrap" title={sentence}>
      <Icon size={16} color={color} aria-hidden style={{ flex: 'none' }} />
      <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
        {word}
      </Text>
    </Group>
  )
}
