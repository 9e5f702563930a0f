import type { GroupView } from '@crossfade/contracts/api/groups'
import { Breadcrumbs, Button, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ChangesTimeline } from '../../shared/changes/changes-timeline.tsx'
import { useNow } from '../../shared/clock.tsx'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { percentText } from '../../shared/format.ts'
import { useAllowed, WhyNot } from '../../shared/permission.tsx'
import { agentsQuery, groupQuery, mappingsQuery } from '../../shared/queries.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { MatchText } from '../../shared/ui/match-text.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { GroupDrawer } from './group-drawer.tsx'
import { GroupSharePanel } from './group-share-panel.tsx'
import { identityText } from './identity-text.ts'
import { useGroupShare } from './use-group-share.ts'

const refreshEveryMs = 2_000
const staleAfterMs = 10_000

/** One group: its share, its members, its history. */
export function GroupPage(props: {
  id: string
  isEditing: boolean
  onEdit: () => void
  onEditEnd: () => void
  onLeave: () => void
}) {
  const group = useQuery({ ...groupQuery(props.id), refetchInterval: refreshEveryMs })
  if (group.data === undefined)
    return group.error === null ? (
      <LoadingRows rows={5} height={72} />
    ) : (
      <ProblemNotice error={group.error} onRetry={() => void group.refetch()} />
    )
  return <LoadedGroup {...props} group={group.data} readAt={group.dataUpdatedAt} />
}

function LoadedGroup(props: {
  group: GroupView
  readAt: number
  isEditing: boolean
  onEdit: () => void
  onEditEnd: () => void
  onLeave: () => void
}) {
  const { group } = props
  const now = useNow(1_000)
  const acts = useGroupShare(group)
  const agents = useQuery({ ...agentsQuery(group.environmentId), refetchInterval: refreshEveryMs })
  const { percent, cohort, identity, missing } = group.split
  const ageMs = now - props.readAt
  return (
    <>
      <Breadcrumbs mb="xs">
        <AnchorLink to="/groups">Groups</AnchorLink>
        <Text span>{group.name}</Text>
      </Breadcrumbs>
      <PageHeader
        title={group.name}
        documentTitle={`${percentText(percent)} ${group.name}`}
        description={group.description === '' ? undefined : group.description}
        actions={
          <>
            <AllowedButton permission="group.edit" variant="default" onClick={props.onEdit}>
              Edit
            </AllowedButton>
            <RollBack percent={percent} isBusy={acts.isRollingBack} onPress={acts.rollBack} />
          </>
        }
      />
      <Stack gap="lg">
        <GroupSharePanel
          group={group}
          acts={acts}
          agents={agents.data ?? []}
          raiseBlock={
            ageMs > staleAfterMs
              ? `Raising waits for fresh data: the last is ${Math.floor(ageMs / 1000)} s old. Lowering and Roll back work.`
              : ''
          }
        />
        <Text size="sm" c="dimmed">
          Who goes first: {identityText(identity)}, in the cohort {cohort.name}
          {identity.kind !== 'request' && identity.kind !== 'client-ip' && missingWords[missing]}.
        </Text>
        <Members group={group} />
        <section aria-label="History">
          <Title order={2} size="h4" mb="sm">
            History
          </Title>
          <ChangesTimeline filter={{ objectId: group.id }} follow />
        </section>
      </Stack>
      {props.isEditing && <GroupDrawer group={group} onClose={props.onEditEnd} onDeleted={props.onLeave} />}
    </>
  )
}

const missingWords = {
  legacy: '; without it a request goes to legacy',
  'client-ip': '; without it the client address counts',
  request: '; without it each request is drawn',
} as const

function RollBack(props: { percent: number; isBusy: boolean; onPress: () => void }) {
  const role = useAllowed('rollback')
  const why = role.allowed ? (props.percent === 0 ? 'Everything is on legacy already' : '') : role.why
  return (
    <WhyNot why={why === '' ? 'All members to legacy, now' : why}>
      <Button
        color="red"
        leftSection={<IconArrowBackUp size={18} aria-hidden />}
        onClick={() => why === '' && !props.isBusy && props.onPress()}
        {...(why !== '' && { 'data-disabled': true, 'aria-disabled': true })}
      >
        {props.isBusy ? 'Rolling back…' : 'Roll back'}
      </Button>
    </WhyNot>
  )
}

function Members({ group }: { group: GroupView }) {
  const mappings = useQuery(mappingsQuery(group.environmentId))
  return (
    <section aria-label="Members">
      <Title order={2} size="h4" mb="sm">
        Members
      </Title>
      {group.members.length === 0 ? (
        <Text size="sm" c="dimmed">
          None yet. Open a mapping, choose Edit, and let it move with this group.
        </Text>
      ) : (
        <Paper withBorder>
          <Table layout="fixed" verticalSpacing="sm" horizontalSpacing="md">
            <Table.Tbody>
              {group.members.map(({ id, name }) => {
                const mapping = mappings.data?.find((known) => known.id === id)
                return (
                  <Table.Tr key={id}>
                    <Table.Td w="35%">
                      <AnchorLink
                        to="/mappings/$id"
                        params={{ id }}
                        fw={600}
                        size="sm"
                        style={{ overflowWrap: 'anywhere' }}
                      >
                        {name}
                      </AnchorLink>
                    </Table.Td>
                    <Table.Td>{mapping !== undefined && <MatchText match={mapping.match} />}</Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </Paper>
      )}
    </section>
  )
}
