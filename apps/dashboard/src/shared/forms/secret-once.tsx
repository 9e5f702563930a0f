import { Alert, Code, Group, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { CopyButton } from '../ui/copy-button.tsx'

/** A token or link that is in one answer and nowhere else. It lives only as long as this is on screen. */
export function SecretOnce(props: { label: string; secret: string; note?: string }) {
  return (
    <Alert color="yellow" variant="light" icon={<IconKey aria-hidden />} title={`${props.label}: shown once`}>
      <Stack gap="xs">
        <Text size="sm">
          {props.note ?? 'Copy it now. Only its fingerprint is kept, so nobody can show it again.'}
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Code style={{ overflowWrap: 'anywhere', flex: 1, userSelect: 'all' }} aria-label={props.label}>
            {props.secret}
          </Code>
          <CopyButton value={props.secret} label={`Copy ${props.label.toLowerCase()}`} />
        </Group>
      </Stack>
    </Alert>
  )
}
