import { CloseButton, Group, SegmentedControl, Select, Switch, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { groupOf } from './filter-mappings.ts'
import { mappingStates, type MappingsSearch } from './mappings-search.ts'
import type { MappingRowData } from './use-mapping-rows.ts'

const all = 'all'
const stateWords = { legacy: 'On legacy', moving: 'Moving', new: 'On new' } as const

/** Filters live in the address, so a link shows the same list. */
export function MappingFilters({ rows }: { rows: readonly MappingRowData[] }) {
  const search = useSearch({ from: '/frame/mappings' })
  const navigate = useNavigate({ from: '/mappings' })
  const field = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => field.current?.focus()]])
  const set = (more: Partial<MappingsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true })
  const owners = [...new Set(rows.map(({ mapping }) => mapping.owner))].filter((owner) => owner !== '').sort()
  const groups = new Map(
    rows.flatMap(({ mapping }) => groupOf(mapping) ?? []).map(({ id, name }) => [id, name]),
  )
  return (
    <Group mb="md" gap="sm">
      <TextInput
        ref={field}
        aria-label="Search mappings"
        placeholder="Search name, path, owner; !term leaves out"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          search.q !== undefined && (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => set({ q: undefined })} />
          )
        }
        value={search.q ?? ''}
        onChange={(event) => set({ q: event.currentTarget.value || undefined })}
        style={{ flex: '1 1 260px' }}
      />
      <SegmentedControl
        aria-label="State"
        value={search.state ?? all}
        data={[
          { value: all, label: 'All' },
          ...mappingStates.map((value) => ({ value, label: stateWords[value] })),
        ]}
        onChange={(value) => set({ state: mappingStates.find((state) => state === value) })}
      />
      {owners.length > 0 && (
        <Select
          aria-label="Owner"
          placeholder="Any owner"
          clearable
          clearButtonProps={{ 'aria-label': 'Any owner' }}
          w={150}
          data={owners}
          value={search.owner ?? null}
          onChange={(owner) => set({ owner: owner ?? undefined })}
        />
      )}
      {groups.size > 0 && (
        <Select
          aria-label="Group"
          placeholder="Any group"
          clearable
          clearButtonProps={{ 'aria-label': 'Any group' }}
          w={150}
          data={[...groups].map(([value, label]) => ({ value, label }))}
          value={search.group ?? null}
          onChange={(group) => set({ group: group ?? undefined })}
        />
      )}
      <Switch
        label="Needs attention"
        checked={search.attention ?? false}
        onChange={(event) => set({ attention: event.currentTarget.checked || undefined })}
      />
    </Group>
  )
}
