import { Code, Group, Paper, Stack, Table, Text } from '@mantine/core'
import { IconAlertTriangle, IconServer2 } from '@tabler/icons-react'
import type { ServiceView } from '@crossfade/contracts/api/services'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { durationText } from '../../shared/format.ts'
import { agentsQuery, servicesQuery } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { HealthBadge } from './health-badge.tsx'
import { healthOf } from './service-health.ts'
import { ServiceDrawer } from './service-drawer.tsx'

/** The backends mappings send traffic to. */
export function ServicesPage() {
  const environmentId = useEnvironmentId()
  const services = useQuery(servicesQuery(environmentId))
  const { edit } = useSearch({ from: '/frame/services' })
  const navigate = useNavigate({ from: '/services' })
  const open = (id: string) => void navigate({ search: { edit: id } })
  const create = (
    <AllowedButton permission="service.edit" onClick={() => open('new')}>
      New service
    </AllowedButton>
  )
  const edited = services.data?.find(({ id }) => id === edit)
  return (
    <>
      <PageHeader
        title="Services"
        description="Named HTTP backends: what mappings call legacy and new, and where unmatched traffic goes."
        actions={create}
      />
      {services.isPending && <LoadingRows rows={4} height={52} />}
      {services.error !== null && (
        <ProblemNotice error={services.error} onRetry={() => void services.refetch()} />
      )}
      {services.data?.length === 0 && (
        <EmptyState icon={<IconServer2 />} title="No services yet" actions={create}>
          Name the service that answers today and the one that shall take over. Nothing is sent to either
          until a mapping or a default says so.
        </EmptyState>
      )}
      {services.data !== undefined && services.data.length > 0 && <ServicesTable services={services.data} />}
      {(edit === 'new' || edited !== undefined) && (
        <ServiceDrawer key={edit} service={edited ?? null} onClose={() => void navigate({ search: {} })} />
      )}
    </>
  )
}

function ServicesTable(props: { services: readonly ServiceView[] }) {
  const environmentId = useEnvironmentId()
  const agents = useQuery({ ...agentsQuery(environmentId), refetchInterval: 5_000 })
  return (
    <Paper withBorder>
      <Table.ScrollContainer type="native" minWidth={760}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Service</Table.Th>
              <Table.Th>Instances</Table.Th>
              <Table.Th>Health, as agents see it</Table.Th>
              <Table.Th>Time limits</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.services.map((service) => (
              <Table.Tr key={service.id}>
                <Table.Td>
                  <AnchorLink to="/services" search={{ edit: service.id }} fw={600} size="sm">
                    {service.name}
                  </AnchorLink>
                  {!service.tls.verify && (
                    <Group gap={4} wrap="nowrap">
                      <IconAlertTriangle size={14} color="var(--cf-warn)" aria-hidden />
                      <Text size="xs">TLS certificates are not verified</Text>
                    </Group>
                  )}
                </Table.Td>
                <Table.Td>
                  <Stack gap={2} align="flex-start">
                    {service.instances.slice(0, 3).map((url) => (
                      <Code key={url}>{url}</Code>
                    ))}
                    {service.instances.length > 3 && (
                      <Text size="xs" c="dimmed">
                        and {service.instances.length - 3} more
                      </Text>
                    )}
                  </Stack>
                </Table.Td>
                <Table.Td>
                  <HealthBadge
                    health={service.health === null ? null : healthOf(service.id, agents.data ?? [])}
                  />
                  <Text size="xs" c="dimmed">
                    {service.health === null
                      ? 'No health check: every instance counts as well'
                      : `GET ${service.health.path} every ${durationText(service.health.intervalMs)}`}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Group gap="md">
                    <Limit name="connect" ms={service.timeouts.connectMs} />
                    <Limit name="first byte" ms={service.timeouts.firstByteMs} />
                    <Limit name="idle" ms={service.timeouts.idleMs} />
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function Limit(props: { name: string; ms: number }) {
  return (
    <div>
      <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {durationText(props.ms)}
      </Text>
      <Text size="xs" c="dimmed">
        {props.name}
      </Text>
    </div>
  )
}
