import { Alert, Button, Code, Group, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { asProblem } from '../api.ts'
import { CopyButton } from './copy-button.tsx'

/** Any failure: what happened, which fields, the request id to hand on, and a way to try again. */
export function ProblemNotice(props: { error: unknown; title?: string; onRetry?: () => void }) {
  const problem = asProblem(props.error)
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={props.title ?? problem.title}
    >
      {(problem.message !== problem.title || props.title !== undefined) && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {problem.message}
        </Text>
      )}
      {problem.errors.length > 0 && (
        <List size="sm" mt="xs">
          {problem.errors.map((error) => (
            <List.Item key={`${error.path} ${error.message}`}>
              {error.path !== '' && <Code>{error.path}</Code>} {error.message}
            </List.Item>
          ))}
        </List>
      )}
      {problem.retryAfterSeconds !== null && (
        <Text size="sm" mt="xs">
          Try again in {problem.retryAfterSeconds} s.
        </Text>
      )}
      <Group mt="sm" gap="sm">
        {props.onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={props.onRetry}>
            Retry
          </Button>
        )}
        {problem.requestId !== null && (
          <Group gap={4}>
            <Text size="xs">
              Request id <Code>{problem.requestId}</Code>
            </Text>
            <CopyButton value={problem.requestId} label="Copy the request id" />
          </Group>
        )}
      </Group>
    </Alert>
  )
}
