import { cohortSchema } from '@crossfade/contracts/api/cohorts'
import type { Identity, Missing } from '@crossfade/core/model'
import { NativeSelect, Select, SimpleGrid, TextInput } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { environmentQuery, issuersOf } from '../queries.ts'
import { claimHint } from './claim-hint.ts'
import { fieldId } from './field-id.ts'

export const cohortsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['cohorts', environmentId],
    queryFn: ({ signal }) => api.list('/cohorts', cohortSchema, { environmentId }, signal),
  })

/** Who goes first, while it is typed. */
export interface SplitDraft {
  /** Empty makes a new cohort. */
  readonly cohortId: string
  readonly identityKind: Identity['kind']
  readonly identityName: string
  readonly missing: Missing
}

const identities: readonly { value: Identity['kind']; label: string; hint: string }[] = [
  {
    value: 'request',
    label: 'Each request by itself',
    hint: 'Nobody sticks to a side: the next request of the same client may go to the other one.',
  },
  { value: 'cookie', label: 'A cookie', hint: 'Everyone with the same value stays on the same side.' },
  { value: 'header', label: 'A header', hint: 'Everyone with the same value stays on the same side.' },
  {
    value: 'query',
    label: 'A query parameter',
    hint: 'Everyone with the same value stays on the same side.',
  },
  {
    value: 'client-ip',
    label: 'The client address',
    hint: 'Everyone behind one address stays together; behind a trusted hop it is the address the hop names.',
  },
  {
    value: 'claim',
    label: 'A token claim',
    hint: 'Of a verified token; everyone with the same text or whole number stays on the same side.',
  },
]

const missings: readonly { value: Missing; label: string }[] = [
  { value: 'legacy', label: 'goes to legacy' },
  { value: 'client-ip', label: 'is told apart by client address' },
  { value: 'request', label: 'is drawn each time' },
]

/** Cohort, identity and missing policy: the same fields for a mapping and a group. */
export function SplitFields(props: {
  environmentId: string
  /** Something new may get a cohort of its own; what is stored keeps its cohort or takes another. */
  isNew: boolean
  draft: SplitDraft
  errorOf: (field: string) => string | undefined
  onChange: (edit: Partial<SplitDraft>) => void
}) {
  const { draft, errorOf, onChange } = props
  const cohorts = useQuery(cohortsQuery(props.environmentId))
  const offered = identities
  const environment = useQuery(environmentQuery(props.environmentId))
  const issuers = issuersOf(environment.data)
  const isNamed = !['request', 'client-ip'].includes(draft.identityKind)
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NativeSelect
          id={fieldId('identityKind')}
          label="The same someone is told by"
          description={offered.find(({ value }) => value === draft.identityKind)?.hint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={offered.map(({ value, label }) => ({ value, label }))}
          value={draft.identityKind}
          error={errorOf('identityKind')}
          onChange={(event) => {
            const kind = offered.find(({ value }) => value === event.currentTarget.value)?.value
            onChange({ identityKind: kind ?? 'request' })
          }}
        />
        {isNamed && (
          <TextInput
            id={fieldId('identityName')}
            label={`Name of the ${draft.identityKind === 'query' ? 'query parameter' : draft.identityKind}`}
            placeholder={examples[draft.identityKind] ?? 'session'}
            description={draft.identityKind === 'claim' ? claimHint(issuers) : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            required
            value={draft.identityName}
            error={errorOf('identityName')}
            onChange={(event) => onChange({ identityName: event.currentTarget.value })}
          />
        )}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {draft.identityKind !== 'request' && draft.identityKind !== 'client-ip' && (
          <NativeSelect
            id={fieldId('missing')}
            label="A request without it"
            data={[...missings]}
            value={draft.missing}
            error={errorOf('missing')}
            onChange={(event) =>
              onChange({
                missing: missings.find(({ value }) => value === event.currentTarget.value)?.value ?? 'legacy',
              })
            }
          />
        )}
        <Select
          id={fieldId('cohortId')}
          label="Cohort"
          description="Decides who goes first. Two that share one send the same people first."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          data={[
            ...(props.isNew ? [{ value: '', label: 'A new one of its own' }] : []),
            ...(cohorts.data ?? []).map(({ id, name, usedBy }) => ({
              value: id,
              label: cohortText(
                name,
                usedBy.map((user) => user.name),
              ),
            })),
          ]}
          value={draft.cohortId}
          error={errorOf('cohortId')}
          onChange={(cohortId) => onChange({ cohortId: cohortId ?? '' })}
        />
      </SimpleGrid>
    </>
  )
}

const examples: Partial<Record<Identity['kind'], string>> = { header: 'x-user-id', claim: 'sub' }

/** The name of a cohort, with who uses it unless that says the same. */
function cohortText(name: string, users: readonly string[]): string {
  const others = users.filter((user) => user !== name)
  return others.length === 0 ? name : `${name} (${users.join(', ')})`
}
