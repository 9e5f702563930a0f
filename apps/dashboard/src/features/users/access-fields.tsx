import type { Access, Role } from '@crossfade/contracts/roles'
import { CloseButton, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { fieldId } from '../../shared/forms/field-id.ts'
import { environmentsQuery } from '../../shared/queries.ts'
import { useEnvironmentNames } from '../../shared/use-environment-names.ts'
import { roleOf, roleOptions } from './role-words.ts'

/** A role everywhere and more in single environments, for a person or a token. */
export function AccessFields(props: {
  access: Access
  onChange: (access: Access) => void
  error?: string | undefined
}) {
  const { access, onChange } = props
  const environments = useQuery(environmentsQuery())
  const nameOf = useEnvironmentNames()
  const given = new Set(access.environments.map((one) => one.environmentId))
  const left = (environments.data ?? []).filter(({ id }) => !given.has(id))
  const setRole = (environmentId: string, role: Role) =>
    onChange({
      ...access,
      environments: access.environments.map((one) =>
        one.environmentId === environmentId ? { environmentId, role } : one,
      ),
    })
  return (
    <Stack gap="xs">
      <NativeSelect
        id={fieldId('access')}
        label="Role everywhere"
        data={[{ value: none, label: 'none: only in the environments below' }, ...roleOptions]}
        value={access.everywhere ?? none}
        error={props.error}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...access, everywhere: value === none ? null : roleOf(value) })
        }
      />
      {access.environments.map(({ environmentId, role }) => (
        <Group key={environmentId} align="end" wrap="nowrap" gap="xs">
          <NativeSelect
            flex={1}
            label={`Role in ${nameOf(environmentId)}`}
            data={roleOptions}
            value={role}
            onChange={({ currentTarget: { value } }) => setRole(environmentId, roleOf(value))}
          />
          <CloseButton
            size="lg"
            aria-label={`No role of its own in ${nameOf(environmentId)}`}
            onClick={() =>
              onChange({
                ...access,
                environments: access.environments.filter((one) => one.environmentId !== environmentId),
              })
            }
          />
        </Group>
      ))}
      {left.length > 0 && (
        <NativeSelect
          label="Add a role in one environment"
          data={[
            { value: '', label: 'Choose an environment' },
            ...left.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value=""
          onChange={({ currentTarget: { value } }) => {
            if (value === '') return
            onChange({
              ...access,
              environments: [...access.environments, { environmentId: value, role: 'operator' }],
            })
          }}
        />
      )}
      <Text size="sm" c="dimmed">
        In an environment the higher of the two roles holds. Without a role there, nothing of it is visible.
      </Text>
    </Stack>
  )
}

const none = 'none'
