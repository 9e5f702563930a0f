import type { GroupView } from '@crossfade/contracts/api/groups'
import { SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { fieldId } from '../../shared/forms/field-id.ts'
import { SplitFields } from '../../shared/forms/split-fields.tsx'
import { percentText } from '../../shared/format.ts'
import type { FormState } from './form-state.ts'

/** Who goes first: by itself, or together with a group. */
export function SplitGroup(props: {
  form: FormState
  environmentId: string
  groups: readonly GroupView[]
  isNew: boolean
  errorOf: (field: string) => string | undefined
}) {
  const { form, groups, errorOf } = props
  const { draft } = form
  const chosen = groups.find(({ id }) => id === draft.groupId)
  return (
    <Stack gap="sm">
      <SegmentedControl
        id={fieldId('splitKind')}
        aria-label="Moves"
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'own', label: 'Moves by itself' },
          { value: 'group', label: 'Moves with a group' },
        ]}
        value={draft.splitKind}
        onChange={(value) => form.set({ splitKind: value === 'group' ? 'group' : 'own' })}
      />
      {draft.splitKind === 'own' ? (
        <SplitFields
          environmentId={props.environmentId}
          isNew={props.isNew}
          draft={draft}
          errorOf={errorOf}
          onChange={form.set}
        />
      ) : (
        <>
          <Select
            id={fieldId('groupId')}
            label="Group"
            placeholder={groups.length === 0 ? 'There is no group yet' : 'Choose a group'}
            required
            searchable
            data={groups.map(({ id, name, split }) => ({
              value: id,
              label: `${name} (${percentText(split.percent)})`,
            }))}
            value={draft.groupId === '' ? null : draft.groupId}
            error={errorOf('groupId')}
            onChange={(groupId) => form.set({ groupId: groupId ?? '' })}
          />
          {chosen !== undefined && (
            <Text size="sm" c="dimmed">
              {chosen.name} has {chosen.members.length} {chosen.members.length === 1 ? 'member' : 'members'}{' '}
              and stands at {percentText(chosen.split.percent)}: saving puts this mapping there too. Share,
              cohort and identity are the group's.
            </Text>
          )}
        </>
      )}
    </Stack>
  )
}
