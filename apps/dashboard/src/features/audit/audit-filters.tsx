import { Button, Group, NativeSelect, Paper, Switch, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { isFiltered, type AuditSearch } from './audit-search.ts'

const kinds = [
  'mapping',
  'group',
  'service',
  'segment',
  'environment',
  'agent',
  'agent-token',
  'user',
  'token',
] as const
const acts = [
  ['', 'Any act'],
  ['mapping.share', 'Mapping: share moved'],
  ['mapping.rollback', 'Mapping: rolled back'],
  ['mapping.create', 'Mapping: created'],
  ['mapping.update', 'Mapping: edited'],
  ['mapping.delete', 'Mapping: deleted'],
  ['group.share', 'Group: share moved'],
  ['group.rollback', 'Group: rolled back'],
  ['environment.rollback', 'Environment: kill switch'],
  ['agent.emergency', 'Agent: emergency roll back'],
] as const
const sources = ['dashboard', 'api', 'cli', 'agent', 'system'] as const

/** What to show; each edit goes into the address. */
export function AuditFilters(props: { search: AuditSearch; onChange: (next: AuditSearch) => void }) {
  const { search } = props
  const set = (edit: Partial<AuditSearch>) => props.onChange(tidy({ ...search, ...edit, seq: undefined }))
  return (
    <Paper withBorder p="sm" component="search" aria-label="Filter the audit trail">
      <Group gap="sm" align="flex-end">
        <TypedFilter
          label="Text"
          placeholder="Name or reason"
          value={search.text}
          onSettled={(text) => set({ text })}
          isSearch
        />
        <TypedFilter
          label="Who"
          placeholder="Maya"
          value={search.actor}
          onSettled={(actor) => set({ actor })}
        />
        <NativeSelect
          label="Act"
          w={165}
          data={withOwn(acts, search.act)}
          value={search.act ?? ''}
          onChange={(event) => set({ act: event.currentTarget.value })}
        />
        <NativeSelect
          label="What"
          w={125}
          data={[{ value: '', label: 'Anything' }, ...kinds.map((kind) => ({ value: kind, label: kind }))]}
          value={search.kind ?? ''}
          onChange={(event) => set({ kind: event.currentTarget.value })}
        />
        <NativeSelect
          label="Source"
          w={125}
          data={[
            { value: '', label: 'Any source' },
            ...sources.map((source) => ({ value: source, label: source })),
          ]}
          value={search.source ?? ''}
          onChange={(event) =>
            set({ source: sources.find((source) => source === event.currentTarget.value) })
          }
        />
        <TextInput
          label="From"
          type="date"
          w={138}
          value={search.from ?? ''}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="date"
          w={138}
          value={search.to ?? ''}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
        <Switch
          label="All environments"
          description="People and tokens too"
          checked={search.all ?? false}
          onChange={(event) => set({ all: event.currentTarget.checked || undefined })}
        />
        {isFiltered(search) && (
          <Button
            variant="subtle"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => props.onChange(tidy({ all: search.all }))}
          >
            Clear filters
          </Button>
        )}
      </Group>
    </Paper>
  )
}

/** Typing settles before the address changes, so that the list is not asked for every letter. */
function TypedFilter(props: {
  label: string
  placeholder: string
  value: string | undefined
  isSearch?: boolean
  onSettled: (text: string) => void
}) {
  const [typed, setTyped] = useState({ text: props.value ?? '', from: props.value })
  // The address changed by other means (back, clear): it wins over what was typed.
  if (typed.from !== props.value) setTyped({ text: props.value ?? '', from: props.value })
  const settle = useDebouncedCallback(props.onSettled, 300)
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      w={props.isSearch === true ? 190 : 110}
      {...(props.isSearch === true && { leftSection: <IconSearch size={14} aria-hidden /> })}
      value={typed.text}
      onChange={(event) => {
        setTyped({ text: event.currentTarget.value, from: props.value })
        settle(event.currentTarget.value)
      }}
    />
  )
}

function withOwn(known: typeof acts, own: string | undefined) {
  const data = known.map(([value, label]) => ({ value: value as string, label: label as string }))
  return own === undefined || data.some(({ value }) => value === own)
    ? data
    : [...data, { value: own, label: own }]
}

/** Empty filters are no filters: they leave the address. */
function tidy(search: AuditSearch): AuditSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  ) as AuditSearch
}
