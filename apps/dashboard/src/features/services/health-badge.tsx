import { Group, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconAlertTriangle } from '@tabler/icons-react'
import { healthWords, type SeenHealth } from './service-health.ts'

const looks = {
  good: { icon: IconCircleCheck, color: 'var(--mantine-color-green-text)' },
  bad: { icon: IconAlertTriangle, color: 'var(--mantine-color-orange-text)' },
  worse: { icon: IconCircleX, color: 'var(--mantine-color-red-text)' },
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
