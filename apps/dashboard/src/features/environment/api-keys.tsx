import { apiKeyCreatedSchema, apiKeyInputSchema } from '@crossfade/contracts/api/api-keys'
import type { EnvironmentView } from '@crossfade/contracts/api/environments'
import { Group, MultiSelect, Paper, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { mappingsQuery } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { toast } from '../../shared/ui/toast.ts'

type Key = EnvironmentView['auth']['apiKeys'][number]

/** Keys for programs that call: made here, shown once, revoked one by one. Not part of the form: each acts at once. */
export function ApiKeys(props: { environment: EnvironmentView; onChanged: () => void }) {
  const { environment } = props
  const mappings = useQuery(mappingsQuery(environment.id))
  const [name, setName] = useState('')
  const [only, setOnly] = useState<string[]>([])
  const path = `/environments/${environment.id}/api-keys`
  const make = useMutation({
    mutationFn: () => {
      const input = apiKeyInputSchema.parse({ name, mappings: only.length === 0 ? 'all' : only })
      return api.send('POST', path, input, apiKeyCreatedSchema)
    },
    onSuccess: () => {
      setName('')
      setOnly([])
      props.onChanged()
    },
  })
  const revoke = useMutation({
    mutationFn: (key: Key) => api.send('DELETE', `${path}/${key.id}`, undefined, z.unknown()),
    onSuccess: (_, key) => {
      toast(`${key.name} is revoked; agents refuse it within moments`)
      props.onChanged()
    },
  })
  const nameOf = (id: string) => mappings.data?.find((mapping) => mapping.id === id)?.name ?? id
  const error = make.error ?? revoke.error
  return (
    <Paper withBorder p="md" component="section" aria-label="API keys">
      <Stack gap="sm">
        <Title order={2} size="h5">
          API keys
        </Title>
        <Text size="sm" c="dimmed">
          For programs that call mappings whose check takes a key. Several are good at a time: make the next
          one, hand it out, revoke the old.
        </Text>
        {environment.auth.apiKeys.length > 0 && (
          <Table aria-label="API keys">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Opens</Table.Th>
                <Table.Th>Made</Table.Th>
                <Table.Th aria-label="Acts" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {environment.auth.apiKeys.map((key) => (
                <Table.Tr key={key.id}>
                  <Table.Td>{key.name}</Table.Td>
                  <Table.Td>
                    {key.mappings === 'all' ? 'everything' : key.mappings.map(nameOf).join(', ')}
                  </Table.Td>
                  <Table.Td>
                    <RelativeTime at={key.createdAt} />
                  </Table.Td>
                  <Table.Td>
                    <AllowedButton
                      permission="environment.edit"
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      aria-label={`Revoke ${key.name}`}
                      loading={revoke.isPending && revoke.variables.id === key.id}
                      onClick={() => revoke.mutate(key)}
                    >
                      Revoke
                    </AllowedButton>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {make.data !== undefined && <SecretOnce label={`API key ${make.data.name}`} secret={make.data.key} />}
        {error !== null && <ProblemNotice error={error} />}
        <Group gap="xs" align="flex-end">
          <TextInput
            flex={1}
            label="Name of a new key"
            placeholder="shop 2026-11"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <MultiSelect
            flex={1}
            label="Opens"
            placeholder={only.length === 0 ? 'Everything that takes keys' : ''}
            searchable
            data={(mappings.data ?? []).map((mapping) => ({ value: mapping.id, label: mapping.name }))}
            value={only}
            onChange={setOnly}
          />
          <AllowedButton
            permission="environment.edit"
            variant="default"
            why={name.trim() === '' ? 'Give the key a name' : ''}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            Make key
          </AllowedButton>
        </Group>
      </Stack>
    </Paper>
  )
}
