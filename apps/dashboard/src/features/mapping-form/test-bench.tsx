import { explanationSchema, type Explanation } from '@crossfade/contracts/api/preview'
import {
  Button,
  Code,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Textarea,
  Title,
  Paper,
} from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { headersOfLines } from './header-lines.ts'

/** Asks what agents would do with one request right now: which mapping, which side, and why. */
export function TestBench(props: { environmentId: string; hasEdits: boolean }) {
  const [method, setMethod] = useState('GET')
  const [url, setUrl] = useState('')
  const [lines, setLines] = useState('')
  const [typed, setTyped] = useState('')
  const claims = claimsOfText(typed)
  const { headers, badLine } = headersOfLines(lines)
  const explain = useMutation({
    mutationFn: () =>
      api.send(
        'POST',
        '/explain',
        { environmentId: props.environmentId, method, url, headers, claims },
        explanationSchema,
      ),
  })
  return (
    <Paper withBorder p="md" component="section" aria-label="Test bench">
      <Title order={2} size="h5">
        Test bench
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        What would happen to a request now.{props.hasEdits && ' Your unsaved edits are not part of it.'}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (url !== '' && badLine === null && claims !== undefined) explain.mutate()
        }}
      >
        <Stack gap="xs">
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <NativeSelect
              aria-label="Method"
              w={100}
              data={['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']}
              value={method}
              onChange={(event) => setMethod(event.currentTarget.value)}
            />
            <TextInput
              flex={1}
              aria-label="Path or address"
              placeholder="/v2/books/7?lang=en"
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
          </Group>
          <Textarea
            label="Headers"
            placeholder={'cookie: session=abc\nx-beta: 1'}
            autosize
            minRows={2}
            maxRows={6}
            value={lines}
            error={badLine === null ? undefined : `Write name: value instead of “${badLine}”`}
            onChange={(event) => setLines(event.currentTarget.value)}
          />
          <Textarea
            label="Claims of a token"
            description="Decoded, as JSON; taken as if its signature held. Leave empty for no token."
            placeholder={'{ "sub": "u1", "scope": "read" }'}
            autosize
            minRows={1}
            maxRows={6}
            value={typed}
            error={claims === undefined ? 'Write a JSON object' : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group>
            <Button
              type="submit"
              size="xs"
              variant="default"
              loading={explain.isPending}
              disabled={url === ''}
            >
              Explain
            </Button>
          </Group>
        </Stack>
      </form>
      <div aria-live="polite">
        {explain.error !== null && <ProblemNotice error={explain.error} />}
        {explain.data !== undefined && <Answer explanation={explain.data} />}
      </div>
    </Paper>
  )
}

/** Null for none, undefined for what is no object. */
function claimsOfText(text: string): Record<string, unknown> | null | undefined {
  if (text.trim() === '') return null
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function Answer({ explanation }: { explanation: Explanation }) {
  const { side, mapping, service, because, forwarded, candidates, auth } = explanation
  const losers = candidates.filter(({ lostBy }) => lostBy !== null)
  return (
    <Stack gap={6} mt="sm">
      <Group gap="xs">
        {side !== null && <SideBadge side={side} />}
        <Text size="sm" fw={600}>
          {mapping?.name ?? (explanation.outcome === 'refused' ? 'Refused' : 'No mapping')}
          {service !== null && ` → ${service.name}`}
        </Text>
      </Group>
      <Text size="sm">{because}</Text>
      {auth !== null && auth.verdict === 'passed' && <Text size="sm">{auth.because}.</Text>}
      {forwarded !== null && (
        <Text size="sm">
          Sent as <Code style={{ overflowWrap: 'anywhere' }}>{forwarded}</Code>
        </Text>
      )}
      {losers.map(({ id, name, lostBy }) => (
        <Text key={id} size="xs" c="dimmed">
          {name} matches too, but {lostBy}
        </Text>
      ))}
    </Stack>
  )
}
