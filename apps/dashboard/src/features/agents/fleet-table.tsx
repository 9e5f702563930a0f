import type { AgentView } from '@crossfade/contracts/api/agents'
import { Anchor, Group, Paper, Table, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { countText, durationText, rateText } from '../../shared/format.ts'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { AgentState } from './agent-state.tsx'
import { lagOf, revisionText, stateOf, worriesOf } from './agent-words.ts'

/** The fleet at a glance; numbers are what each agent said in its last heartbeat. */
export function FleetTable(props: { agents: readonly AgentView[]; onOpen: (id: string) => void }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer type="native" minWidth={980}>
        <Table verticalSpacing="sm" horizontalSpacing="md" style={{ fontVariantNumeric: 'tabular-nums' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Agent</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Revision</Table.Th>
              <Table.Th ta="right">Requests/s</Table.Th>
              <Table.Th ta="right">Connections</Table.Th>
              <Table.Th ta="right">Loop delay</Table.Th>
              <Table.Th ta="right">Clock</Table.Th>
              <Table.Th>Last seen</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.agents.map((agent) => (
              <AgentRow key={agent.id} agent={agent} onOpen={() => props.onOpen(agent.id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function AgentRow({ agent, onOpen }: { agent: AgentView; onOpen: () => void }) {
  const isOnline = agent.state === 'online'
  const lag = lagOf(agent)
  const worries = worriesOf(agent)
  return (
    <Table.Tr opacity={agent.state === 'retired' ? 0.55 : undefined} style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Anchor component="button" type="button" fw={600} onClick={onOpen}>
          {agent.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {agent.version === null ? 'version unknown' : `version ${agent.version}`}
        </Text>
      </Table.Td>
      <Table.Td maw={300}>
        <AgentState agent={agent} />
        {agent.state === 'offline' && (
          <Text size="xs" c="dimmed" maw={280}>
            {stateOf(agent).sentence}
          </Text>
        )}
        {worries.length > 0 && (
          <Group gap={4} wrap="nowrap" align="flex-start">
            <IconAlertTriangle
              size={14}
              color="var(--cf-warn)"
              aria-hidden
              style={{ flex: 'none', marginTop: 2 }}
            />
            <Text size="xs" maw={260} lineClamp={2}>
              {worries[0]}
              {worries.length > 1 && ` and ${worries.length - 1} more`}
            </Text>
          </Group>
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm">{revisionText(agent)}</Text>
        <Text size="xs" c="dimmed">
          {agent.inStep ? 'in step' : lag === null || lag === 0 ? 'not in step' : `${lag} behind`}
        </Text>
      </Table.Td>
      <Number value={isOnline ? agent.requestsPerSecond : null} write={rateText} />
      <Number value={isOnline ? agent.connections : null} write={countText} />
      <Number value={isOnline ? agent.eventLoopDelayMs : null} write={durationText} />
      <Number value={isOnline ? agent.clockOffsetMs : null} write={offsetText} />
      <Table.Td>
        <Text size="sm" span>
          {agent.lastSeenAt === null ? 'never' : <RelativeTime at={agent.lastSeenAt} />}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

function Number(props: { value: number | null; write: (value: number) => string }) {
  return (
    <Table.Td ta="right">
      {props.value === null ? (
        <Text span size="sm" c="dimmed" title="Not reported">
          –
        </Text>
      ) : (
        <Text span size="sm">
          {props.write(props.value)}
        </Text>
      )}
    </Table.Td>
  )
}

function offsetText(ms: number): string {
  const text = durationText(Math.abs(ms))
  return text === '0 ms' ? text : `${ms < 0 ? '−' : '+'}${text}`
}
