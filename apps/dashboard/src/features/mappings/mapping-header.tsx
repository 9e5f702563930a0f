import type { MappingView } from '@crossfade/contracts/api/mappings'
import type { Side } from '@crossfade/core/model'
import { Badge, Group, Stack, Text } from '@mantine/core'
import { IconArrowRight, IconSettings, IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { percentText } from '../../shared/format.ts'
import { servicesQuery } from '../../shared/queries.ts'
import { HealthDot } from '../../shared/ui/health-dot.tsx'
import { ButtonLink } from '../../shared/ui/links.tsx'
import { MatchText } from '../../shared/ui/match-text.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { inStepOf } from '../live/convergence.ts'
import { healthOf } from '../live/health.ts'
import { useLive } from '../live/live-provider.tsx'
import { movableMapping } from './movable.ts'
import { RollBackButton } from './roll-back-button.tsx'
import type { ShareActs, ShareNow } from './use-share.ts'

/** The same above every tab: what it is, where it goes, who has it, and the way back. */
export function MappingHeader(props: { mapping: MappingView; share: ShareNow; acts: ShareActs }) {
  const { mapping, share, acts } = props
  return (
    <PageHeader
      title={mapping.name}
      documentTitle={`${percentText(share.percent)} ${mapping.name}`}
      description={
        <Stack gap={8} mt={6}>
          <Group gap="sm">
            <MatchText match={mapping.match} />
            {mapping.owner !== '' && <Text size="sm">owned by {mapping.owner}</Text>}
            {mapping.split.kind === 'group' && (
              <Badge variant="light" tt="none" leftSection={<IconStack2 size={12} aria-hidden />}>
                {mapping.split.groupName}
              </Badge>
            )}
          </Group>
          <Group gap="sm">
            <ServiceSide
              side="legacy"
              serviceId={mapping.legacy.serviceId}
              environmentId={mapping.environmentId}
            />
            <IconArrowRight size={16} aria-hidden />
            <ServiceSide side="new" serviceId={mapping.new.serviceId} environmentId={mapping.environmentId} />
            <AgentsLive />
          </Group>
        </Stack>
      }
      actions={
        <Group gap="sm" align="flex-start">
          <ButtonLink
            variant="default"
            size="md"
            to="/mappings/$id/edit"
            params={{ id: mapping.id }}
            leftSection={<IconSettings size={18} aria-hidden />}
          >
            Settings
          </ButtonLink>
          <RollBackButton movable={movableMapping(mapping)} share={share} acts={acts} />
        </Group>
      }
    />
  )
}

function ServiceSide(props: { side: Side; serviceId: string; environmentId: string }) {
  const services = useQuery(servicesQuery(props.environmentId))
  const agents = useLive((state) => state.view?.agents)
  const service = services.data?.find(({ id }) => id === props.serviceId)
  const { health, words } = healthOf(Object.values(agents ?? {}), props.serviceId)
  return (
    <Group gap={6} wrap="nowrap" title={service?.instances.join(', ')}>
      <SideBadge side={props.side} label={`${props.side}: ${service?.name ?? '…'}`} />
      <HealthDot health={health} words={words} />
    </Group>
  )
}

function AgentsLive() {
  const view = useLive((state) => state.view)
  if (view === null) return null
  const { live, total, waitingFor } = inStepOf(view)
  const words =
    total === 0 ? 'no agent connected' : `live on ${live} of ${total} ${total === 1 ? 'agent' : 'agents'}`
  return (
    <Badge
      variant="dot"
      tt="none"
      fw={500}
      size="lg"
      color={total > 0 && live === total ? 'teal' : 'yellow'}
      title={waitingFor.length > 0 ? `Waiting for ${waitingFor.join(', ')}` : words}
      data-testid="agents-live"
    >
      {words}
    </Badge>
  )
}
