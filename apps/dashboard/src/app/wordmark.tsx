import { Group, Text } from '@mantine/core'

/** The two sides crossing: legacy dashed, new solid. */
export function Wordmark(props: { size?: number }) {
  const size = props.size ?? 26
  return (
    <Group gap={8} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="7" fill="#4263eb" />
        <path d="M6 22c10 0 10-12 20-12" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
        <path
          d="M6 10c10 0 10 12 20 12"
          fill="none"
          stroke="#bac8ff"
          strokeWidth="3"
          strokeLinecap="round"
          strokeDasharray="3 5"
        />
      </svg>
      <Text span fw={700} size="lg" visibleFrom="xs" style={{ letterSpacing: '-0.02em' }}>
        Crossfade
      </Text>
    </Group>
  )
}
