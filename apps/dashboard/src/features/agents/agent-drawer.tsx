import { agentViewSchema, type AgentView } from '@crossfade/contracts/api/agents'
import { Alert, Code, Drawer, List, Stack, Table, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconFlame } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { z } from 'zod'
import { api, nothing } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { dateTimeText, durationText } from '../../shared/format.ts'
import { reloadAfterChange, servicesQuery } from '../../shared/queries.ts'
import { ConfirmByName } from '../../shared/ui/confirm-by-name.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { toast } from '../../shared/ui/toast.ts'
import { AgentState } from './agent-state.tsx'
import { revisionText, stateOf, worriesOf } from './agent-words.ts'

const emptyOr = nothing.or(z.unknown())

/** One agent: what it runs, what it sees, what is wrong, and taking it out of the fleet. */
export function AgentDrawer(props: { agent: AgentView; onClose: () => void }) {
  const { agent } = props
  const services = useQuery(servicesQuery(agent.environmentId))
  const worries = worriesOf({ ...agent, emergencies: [] })
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={agent.name}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="lg">
        <div>
          <AgentState agent={agent} />
          <Text size="sm" c="dimmed" mt={4}>
            {stateOf(agent).sentence}
          </Text>
        </div>
        {worries.length > 0 && (
          <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Needs a look">
            <List size="sm">
              {worries.map((worry) => (
                <List.Item key={worry}>{worry}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {agent.emergencies.map((emergency) => (
          <EmergencyNotice key={emergency.id} agent={agent} emergency={emergency} />
        ))}
        <Facts
          rows={[
            ['Revision', revisionText(agent)],
            ['Epoch', agent.running === null ? 'none' : <Code key="epoch">{agent.running.epoch}</Code>],
            [
              'Snapshot',
              agent.running === null ? 'none' : <Code key="hash">{agent.running.hash.slice(0, 16)}</Code>,
            ],
            ['Version', agent.version ?? 'unknown'],
            ['Joined', agent.joinedAt === null ? 'never' : dateTimeText(agent.joinedAt)],
            [
              'Credential',
              agent.credential === null
                ? 'none'
                : `of ${dateTimeText(agent.credential.issuedAt)}, good until ${dateTimeText(agent.credential.expiresAt)}`,
            ],
            [
              'Connected since',
              agent.state !== 'online' || agent.connectedAt === null
                ? 'not connected'
                : dateTimeText(agent.connectedAt),
            ],
            [
              'Last seen',
              agent.lastSeenAt === null ? 'never' : <RelativeTime key="seen" at={agent.lastSeenAt} />,
            ],
            ['Requests in flight', agent.inFlight ?? '–'],
            ['Clock', agent.clockOffsetMs === null ? '–' : `${Math.round(agent.clockOffsetMs)} ms from ours`],
            [
              'Event loop delay',
              agent.eventLoopDelayMs === null ? '–' : durationText(agent.eventLoopDelayMs),
            ],
          ]}
        />
        {Object.keys(agent.health).length > 0 && (
          <div>
            <Title order={3} size="h6" mb="xs">
              Services as this agent sees them
            </Title>
            <Facts
              rows={Object.entries(agent.health).map(([id, { healthy, total }]) => [
                services.data?.find((service) => service.id === id)?.name ?? id,
                `${healthy} of ${total} ${total === 1 ? 'instance' : 'instances'} healthy`,
              ])}
            />
          </div>
        )}
        {agent.state !== 'retired' && agent.state !== 'revoked' && <Revoke agent={agent} />}
        {agent.state !== 'retired' && <Retire agent={agent} onRetired={props.onClose} />}
      </Stack>
    </Drawer>
  )
}

function EmergencyNotice(props: { agent: AgentView; emergency: AgentView['emergencies'][number] }) {
  const { agent, emergency } = props
  const client = useQueryClient()
  const count = emergency.overlay.mappingIds.length + emergency.overlay.groupIds.length
  const clear = useMutation({
    mutationFn: () =>
      api.send('POST', `/agents/${agent.id}/emergencies/${emergency.id}/clear`, undefined, emptyOr),
    onSuccess: async () => {
      toast(`${agent.name} follows the mappings again`)
      await reloadAfterChange(client, 'agent')
    },
  })
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconFlame aria-hidden />}
      title="Emergency roll back on this agent"
    >
      <Stack gap="xs">
        <Text size="sm">
          {emergency.by} set {count} {count === 1 ? 'mapping or group' : 'mappings and groups'} to 0 here on{' '}
          {dateTimeText(emergency.at)}
          {emergency.reason !== '' && `: “${emergency.reason}”`}. It holds, also over restarts, until somebody
          clears it.
        </Text>
        <AllowedButton
          permission="emergency.clear"
          size="xs"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          why={agent.state === 'online' ? '' : 'The agent must be online to hear it'}
          loading={clear.isPending}
          onClick={() => clear.mutate()}
        >
          Clear
        </AllowedButton>
        {clear.error !== null && <ProblemNotice error={clear.error} />}
      </Stack>
    </Alert>
  )
}

function Revoke(props: { agent: AgentView }) {
  const { agent } = props
  const client = useQueryClient()
  const [isOpen, dialog] = useDisclosure()
  const revoke = useMutation({
    mutationFn: () => api.send('POST', `/agents/${agent.id}/revoke`, {}, emptyOr),
    onSuccess: async () => {
      toast(`${agent.name} is revoked`)
      dialog.close()
      await reloadAfterChange(client, 'agent')
    },
  })
  return (
    <div>
      <AllowedButton permission="agent.manage" variant="subtle" color="red" onClick={dialog.open}>
        Revoke…
      </AllowedButton>
      <ConfirmByName
        opened={isOpen}
        onClose={dialog.close}
        title={`Revoke ${agent.name}?`}
        name={agent.name}
        act="Revoke agent"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate()}
      >
        Its link ends within seconds, and it comes back only with a token made after this. It keeps serving
        its last snapshot, unless CROSSFADE_REVOKED_GRACE says for how long.
      </ConfirmByName>
    </div>
  )
}

function Retire(props: { agent: AgentView; onRetired: () => void }) {
  const { agent } = props
  const client = useQueryClient()
  const [isOpen, dialog] = useDisclosure()
  const retire = useMutation({
    mutationFn: () => api.send('DELETE', `/agents/${agent.id}`, undefined, agentViewSchema.or(emptyOr)),
    onSuccess: async () => {
      toast(`${agent.name} is retired`)
      props.onRetired()
      await reloadAfterChange(client, 'agent')
    },
  })
  return (
    <div>
      <AllowedButton permission="agent.manage" variant="subtle" color="red" onClick={dialog.open}>
        Retire…
      </AllowedButton>
      <ConfirmByName
        opened={isOpen}
        onClose={dialog.close}
        title={`Retire ${agent.name}?`}
        name={agent.name}
        act="Retire agent"
        busy={retire.isPending}
        error={retire.error}
        onConfirm={() => retire.mutate()}
      >
        Nobody waits for it any more, its link ends within seconds, and its credentials with it. If the
        program still runs somewhere, it keeps serving its last snapshot.
      </ConfirmByName>
    </div>
  )
}

function Facts(props: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table verticalSpacing={6} fz="sm" variant="vertical" layout="fixed">
      <Table.Tbody>
        {props.rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="40%" fw={500}>
              {name}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
