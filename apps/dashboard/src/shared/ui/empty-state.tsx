import { Center, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** What would be here, and the way to get it. */
export function EmptyState(props: {
  icon: ReactNode
  title: string
  children?: ReactNode
  actions?: ReactNode
}) {
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="sm" maw={480}>
        <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
          {props.icon}
        </ThemeIcon>
        <Title order={2} size="h4" ta="center">
          {props.title}
        </Title>
        {props.children !== undefined && (
          <Text component="div" c="dimmed" ta="center">
            {props.children}
          </Text>
        )}
        {props.actions !== undefined && (
          <Group justify="center" mt="xs">
            {props.actions}
          </Group>
        )}
      </Stack>
    </Center>
  )
}
