import type { GroupView } from '@crossfade/contracts/api/groups'
import { Paper, Table, Text } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { listText } from '../../shared/format.ts'
import { groupsQuery } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { ShareBar } from '../../shared/ui/share-bar.tsx'
import { GroupDrawer } from './group-drawer.tsx'
import { GroupPage } from './group-page.tsx'
import { identityText } from './identity-text.ts'

/** Mappings that move together; one of them opens on the same address with `?group=`. */
export function GroupsPage() {
  const { group, edit } = useSearch({ from: '/frame/groups' })
  const navigate = useNavigate({ from: '/groups' })
  if (group !== undefined)
    return (
      <GroupPage
        key={group}
        id={group}
        isEditing={edit === group}
        onEdit={() => void navigate({ search: { group, edit: group } })}
        onEditEnd={() => void navigate({ search: { group } })}
        onLeave={() => void navigate({ search: {} })}
      />
    )
  return (
    <GroupList
      isCreating={edit === 'new'}
      onCreate={() => void navigate({ search: { edit: 'new' } })}
      onCreateEnd={(created) => void navigate({ search: created === null ? {} : { group: created.id } })}
    />
  )
}

function GroupList(props: {
  isCreating: boolean
  onCreate: () => void
  onCreateEnd: (created: GroupView | null) => void
}) {
  const environmentId = useEnvironmentId()
  const groups = useQuery(groupsQuery(environmentId))
  const create = (
    <AllowedButton permission="group.edit" onClick={props.onCreate}>
      New group
    </AllowedButton>
  )
  return (
    <>
      <PageHeader
        title="Groups"
        description="Mappings that share one share and one cohort: they move together or not at all."
        actions={create}
      />
      {groups.isPending && <LoadingRows rows={4} height={52} />}
      {groups.error !== null && <ProblemNotice error={groups.error} onRetry={() => void groups.refetch()} />}
      {groups.data?.length === 0 && (
        <EmptyState icon={<IconStack2 />} title="No groups yet" actions={create}>
          Pages that belong together, such as a cart and its checkout, should change sides at the same moment.
          Put their mappings into a group.
        </EmptyState>
      )}
      {groups.data !== undefined && groups.data.length > 0 && <GroupTable groups={groups.data} />}
      {props.isCreating && (
        <GroupDrawer group={null} onClose={() => props.onCreateEnd(null)} onSaved={props.onCreateEnd} />
      )}
    </>
  )
}

function GroupTable(props: { groups: readonly GroupView[] }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer type="native" minWidth={720}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Group</Table.Th>
              <Table.Th w={240}>Share</Table.Th>
              <Table.Th>Members</Table.Th>
              <Table.Th>Who goes first</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.groups.map((group) => (
              <Table.Tr key={group.id}>
                <Table.Td>
                  <AnchorLink to="/groups" search={{ group: group.id }} fw={600} size="sm">
                    {group.name}
                  </AnchorLink>
                  {group.description !== '' && (
                    <Text size="xs" c="dimmed" lineClamp={2}>
                      {group.description}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <ShareBar percent={group.split.percent} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">
                    {group.members.length === 0 ? (
                      <Text span inherit c="dimmed">
                        none yet
                      </Text>
                    ) : (
                      listText(group.members.map(({ name }) => name))
                    )}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{identityText(group.split.identity)}</Text>
                  <Text size="xs" c="dimmed">
                    cohort {group.split.cohort.name}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}
