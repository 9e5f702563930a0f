import { Center, Paper, Stack, Text, Title } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { Wordmark } from '../../app/wordmark.tsx'

/** The page before the house: one card in the middle. */
export function Door(props: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${props.title} · Crossfade`
  }, [props.title])
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Center>
          <Wordmark size={34} />
        </Center>
        <Paper withBorder p="xl" radius="lg" shadow="sm">
          <Title order={1} size="h3">
            {props.title}
          </Title>
          {props.lead !== undefined && (
            <Text c="dimmed" size="sm" mt={4}>
              {props.lead}
            </Text>
          )}
          {props.children}
        </Paper>
      </Stack>
    </Center>
  )
}
