import { ActionIcon, Alert, Button, Code, Group, Input, List, Stack, Text, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { digestOfKey, newKey } from './key-digest.ts'

/** Keys of trusted callers. A key is digested here; only its SHA-256 is ever sent or kept. */
export function CallerKeys(props: {
  digests: readonly string[]
  error: string | undefined
  onChange: (next: string[]) => void
}) {
  const { digests } = props
  const [typed, setTyped] = useState('')
  const [made, setMade] = useState<string | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  // Absent on plain http, whatever the type says.
  const subtle = crypto.subtle as SubtleCrypto | undefined

  const add = async (key: string) => {
    try {
      const digest = await digestOfKey(key, subtle)
      setFailure(null)
      setTyped('')
      if (!digests.includes(digest)) props.onChange([...digests, digest])
      return true
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error))
      return false
    }
  }
  const make = async () => {
    const key = newKey((bytes) => crypto.getRandomValues(bytes))
    if (await add(key)) setMade(key)
  }
  return (
    <Input.Wrapper
      label="Caller keys"
      labelElement="div"
      description="Whoever sends one of these in X-Crossfade-Key may force a side and see debug headers. The key stays in this browser; only its SHA-256 is kept."
      error={props.error ?? failure}
      id={fieldId('keyDigests')}
    >
      <Stack gap="sm" mt="xs">
        {digests.length > 0 && (
          <List listStyleType="none" spacing={4} aria-label="Digests of the keys">
            {digests.map((digest) => (
              <List.Item key={digest}>
                <Group gap="xs">
                  <Code title={digest}>
                    {digest.slice(0, 16)}…{digest.slice(-6)}
                  </Code>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove the key ${digest.slice(0, 8)}`}
                    onClick={() => props.onChange(digests.filter((other) => other !== digest))}
                  >
                    <IconX size={14} aria-hidden />
                  </ActionIcon>
                </Group>
              </List.Item>
            ))}
          </List>
        )}
        {made !== null && (
          <SecretOnce
            label="Caller key"
            secret={made}
            note="Copy it now: it is in this browser only. Save the environment to let it count."
          />
        )}
        {subtle === undefined && (
          <Alert color="orange" variant="light">
            <Text size="sm">
              This page is not on https or localhost, so the browser cannot digest keys here.
            </Text>
          </Alert>
        )}
        <Group gap="xs" align="flex-end">
          <TextInput
            flex={1}
            type="password"
            autoComplete="off"
            aria-label="A key of your own"
            placeholder="A key of your own"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button variant="default" disabled={typed.length < 16} onClick={() => void add(typed)}>
            Add key
          </Button>
          <Button variant="subtle" onClick={() => void make()}>
            Make one for me
          </Button>
        </Group>
        {typed !== '' && typed.length < 16 && (
          <Text size="xs" c="dimmed">
            At least 16 characters, so that nobody guesses it.
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  )
}
