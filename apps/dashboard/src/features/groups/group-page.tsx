import type { GroupView } from '@crossfade/contracts/api/groups'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Breadcrumbs, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { ChangesTimeline } from '../../shared/changes/changes-timeline.tsx'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { percentText } from '../../shared/format.ts'
import { groupQuery, mappingsQuery } from '../../shared/queries.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { MatchText } from '../../shared/ui/match-text.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { PointOfNoReturn } from '../approvals/point-of-no-return.tsx'
import { movableGroup, targetOf } from '../mappings/movable.ts'
import { RampBanner } from '../ramps/ramp-banner.tsx'
import { RollBackButton } from '../mappings/roll-back-button.tsx'
import { SharePanel } from '../mappings/share-panel.tsx'
import { useShareActs, useShareNow } from '../mappings/use-share.ts'
import { GroupDrawer } from './group-drawer.tsx'
import { identityText } from './identity-text.ts'

const RampSection = lazy(async () => ({
  default: (await import('../ramps/ramp-section.tsx')).RampSection,
}))

/** One group: its share, its members, its history. */
export function GroupPage(props: {
  id: string
  isEditing: boolean
  onEdit: () => void
  onEditEnd: () => void
  onLeave: () => void
}) {
  const group = useQuery(groupQuery(props.id))
  if (group.data === undefined)
    return group.error === null ? (
      <LoadingRows rows={5} height={72} />
    ) : (
      <ProblemNotice error={group.error} onRetry={() => void group.refetch()} />
    )
  return <LoadedGroup key={props.id} {...props} group={group.data} />
}

function LoadedGroup(props: {
  group: GroupView
  isEditing: boolean
  onEdit: () => void
  onEditEnd: () => void
  onLeave: () => void
}) {
  const { group } = props
  const mappings = useQuery(mappingsQuery(group.environmentId))
  const members = (mappings.data ?? []).filter(({ id }) => group.members.some((member) => member.id === id))
  const movable = movableGroup(group, members)
  const share = useShareNow(movable)
  const acts = useShareActs(movable)
  const { cohort, identity, missing } = group.split
  return (
    <>
      <Breadcrumbs mb="xs">
        <AnchorLink to="/groups">Groups</AnchorLink>
        <Text span>{group.name}</Text>
      </Breadcrumbs>
      <PageHeader
        title={group.name}
        documentTitle={`${percentText(share.percent)} ${group.name}`}
        description={group.description === '' ? undefined : group.description}
        actions={
          <>
            <AllowedButton permission="group.edit" variant="default" size="md" onClick={props.onEdit}>
              Edit
            </AllowedButton>
            <RollBackButton movable={movable} share={share} acts={acts} />
          </>
        }
      />
      <Stack gap="lg">
        <RampBanner target={targetOf(movable)} more={null} />
        <SharePanel movable={movable} share={share} acts={acts} />
        <Text size="sm" c="dimmed">
          Who goes first: {identityText(identity)}, in the cohort {cohort.name}
          {identity.kind !== 'request' && identity.kind !== 'client-ip' && missingWords[missing]}.
        </Text>
        <Members group={group} known={members} />
        <Suspense fallback={<LoadingRows rows={4} height={96} />}>
          <RampSection target={targetOf(movable)} isThroughMember={false} />
        </Suspense>
        <PointOfNoReturn
          subject={{
            kind: 'group',
            id: group.id,
            name: group.name,
            version: group.version,
            percent: share.percent,
            pointOfNoReturn: movable.pointOfNoReturn,
          }}
        />
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

function Members({ group, known }: { group: GroupView; known: readonly MappingView[] }) {
  return (
    <section aria-label="Members">
      <Title order={2} size="h4" mb="sm">
        Members
      </Title>
      {group.members.length === 0 ? (
        <Text size="sm" c="dimmed">
          None yet. Open a mapping, choose Settings, and let it move with this group.
        </Text>
      ) : (
        <Paper withBorder>
          <Table layout="fixed" verticalSpacing="sm" horizontalSpacing="md">
            <Table.Tbody>
              {group.members.map(({ id, name }) => {
                const mapping = known.find((one) => one.id === id)
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
