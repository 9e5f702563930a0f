import type { ServiceView } from '@crossfade/contracts/api/services'
import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { EnvironmentDraft } from './environment-draft.ts'

type Line = EnvironmentDraft['hostDefaults'][number]

/** Where traffic goes that no mapping matches: of the environment, and of single hosts. */
export function DefaultServices(props: {
  draft: EnvironmentDraft
  services: readonly ServiceView[]
  errorOf: (field: string) => string | undefined
  onDefault: (serviceId: string) => void
  onHosts: (next: Line[]) => void
}) {
  const { draft, services, errorOf } = props
  const lines = draft.hostDefaults
  const options = services.map(({ id, name }) => ({ value: id, label: name }))
  const edit = (key: string, change: Partial<Line>) =>
    props.onHosts(lines.map((line) => (line.key === key ? { ...line, ...change } : line)))
  const nextKey = () => String(1 + Math.max(-1, ...lines.map(({ key }) => Number(key))))
  return (
    <Stack gap="sm">
      <Select
        id={fieldId('defaultServiceId')}
        label="Service for everything that no mapping matches"
        description={
          draft.defaultServiceId === ''
            ? 'Without one, unmatched requests are answered 404.'
            : 'Unmatched requests go there untouched.'
        }
        placeholder="None"
        clearable
        clearButtonProps={{ 'aria-label': 'No default service' }}
        searchable
        data={options}
        value={draft.defaultServiceId === '' ? null : draft.defaultServiceId}
        error={errorOf('defaultServiceId')}
        onChange={(serviceId) => props.onDefault(serviceId ?? '')}
      />
      <Input.Wrapper label="Other services for single hosts" labelElement="div">
        <Stack gap="xs" mt={4}>
          {lines.map((line, at) => (
            <Group
              key={line.key}
              gap="xs"
              wrap="nowrap"
              align="flex-start"
              role="group"
              aria-label={`Host ${at + 1}`}
            >
              <TextInput
                flex={1}
                id={fieldId(`hostDefaults.${at}.host`)}
                aria-label="Host"
                placeholder="*.example.com"
                value={line.host}
                error={errorOf(`hostDefaults.${at}.host`)}
                onChange={(event) => edit(line.key, { host: event.currentTarget.value })}
              />
              <Select
                flex={1}
                id={fieldId(`hostDefaults.${at}.serviceId`)}
                aria-label="Service"
                placeholder="Service"
                searchable
                data={options}
                value={line.serviceId === '' ? null : line.serviceId}
                error={errorOf(`hostDefaults.${at}.serviceId`)}
                onChange={(serviceId) => edit(line.key, { serviceId: serviceId ?? '' })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove host ${at + 1}`}
                onClick={() => props.onHosts(lines.filter(({ key }) => key !== line.key))}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <Group>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => props.onHosts([...lines, { key: nextKey(), host: '', serviceId: '' }])}
            >
              Add host
            </Button>
          </Group>
        </Stack>
      </Input.Wrapper>
    </Stack>
  )
}
