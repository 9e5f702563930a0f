import { Stack } from '@mantine/core'
import { IconPlus, IconWorldShare } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { agentsQuery } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { AgentDrawer } from './agent-drawer.tsx'
import { sortAgents } from './agent-words.ts'
import { FleetTable } from './fleet-table.tsx'
import { InstallDrawer } from './install-drawer.tsx'
import { TokenList } from './token-list.tsx'

const refreshEveryMs = 2_000

/** All agents of the environment: what each really runs, and how to add one. */
export function AgentsPage() {
  const environmentId = useEnvironmentId()
  const { agent: openId, install } = useSearch({ from: '/frame/agents' })
  const navigate = useNavigate({ from: '/agents' })
  const agents = useQuery({ ...agentsQuery(environmentId), refetchInterval: refreshEveryMs })
  const opened = agents.data?.find(({ id }) => id === openId)
  const fleet = sortAgents(agents.data ?? [])
  const online = fleet.filter(({ state }) => state === 'online')
  const inStep = online.filter((agent) => agent.inStep)
  const installButton = (
    <AllowedButton
      permission="agent.manage"
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => void navigate({ search: { install: true } })}
    >
      Install an agent
    </AllowedButton>
  )
  return (
    <>
      <PageHeader
        title="Agents"
        description={
          online.length === 0
            ? 'The proxies in front of your services.'
            : `${online.length} online, ${inStep.length === online.length ? 'all' : inStep.length} at the newest revision.`
        }
        actions={installButton}
      />
      {agents.isPending && <LoadingRows rows={4} height={52} />}
      {agents.error !== null && agents.data === undefined && (
        <ProblemNotice error={agents.error} onRetry={() => void agents.refetch()} />
      )}
      {agents.data?.length === 0 && (
        <EmptyState icon={<IconWorldShare />} title="No agent yet" actions={installButton}>
          An agent is a light proxy in front of your services. It dials this control plane, gets the mappings,
          and goes on serving them when the control plane is away.
        </EmptyState>
      )}
      <Stack gap="xl">
        {fleet.length > 0 && (
          <FleetTable agents={fleet} onOpen={(id) => void navigate({ search: { agent: id } })} />
        )}
        <TokenList environmentId={environmentId} agents={agents.data ?? []} />
      </Stack>
      {opened !== undefined && <AgentDrawer agent={opened} onClose={() => void navigate({ search: {} })} />}
      {install === true && agents.data !== undefined && (
        <InstallDrawer
          environmentId={environmentId}
          agents={agents.data}
          onClose={() => void navigate({ search: {} })}
        />
      )}
    </>
  )
}
