import { Group, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconAlertTriangle } from '@tabler/icons-react'
import { healthWords, type SeenHealth } from './service-health.ts'

const looks = {
  good: { icon: IconCircleCheck, color: 'var(--cf-good)' },
  bad: { icon: IconAlertTriangle, color: 'var(--cf-warn)' },
  worse: { icon: IconCircleX, color: 'var(--cf-bad)' },
  unknown: { icon: IconCircleDashed, color: 'var(--mantine-color-dimmed)' },
} as const

/** Icon, word and colour: never colour alone. */
export function HealthBadge(props: { health: SeenHealth | null }) {
  const { tone, text } = healthWords(props.health)
  const { icon: Icon, color } = looks[tone]
  return (
    <Group gap={6} wrap="nowrap">
      <Icon size={16} color={color} aria-hidden style={{ flex: 'none' }} />
      <Text size="sm">{text}</Text>
    </Group>
  )
}
