import type { AgentTokenView, AgentView } from '@crossfade/contracts/api/agents'
import { Paper, Switch, Group, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { api, nothing } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { useAllowed } from '../../shared/permission.tsx'
import { ConfirmByName } from '../../shared/ui/confirm-by-name.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { toast } from '../../shared/ui/toast.ts'
import { agentTokensQuery } from './agents-queries.ts'
import { TokenUse } from './token-use.tsx'

/** The tokens agents join with. The tokens themselves are gone; these are their names. */
export function TokenList(props: { environmentId: string; agents: readonly AgentView[] }) {
  const role = useAllowed('agent.manage')
  const tokens = useQuery({ ...agentTokensQuery(props.environmentId), enabled: role.allowed })
  const [showsRevoked, setShowsRevoked] = useState(false)
  const [revoking, setRevoking] = useState<AgentTokenView | null>(null)
  if (!role.allowed || tokens.data?.length === 0) return null
  const shown = tokens.data?.filter(({ revokedAt }) => showsRevoked || revokedAt === null) ?? []
  return (
    <section aria-label="Agent tokens">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Agent tokens
        </Title>
        {tokens.data?.some(({ revokedAt }) => revokedAt !== null) === true && (
          <Switch
            label="Show revoked"
            checked={showsRevoked}
            onChange={(event) => setShowsRevoked(event.currentTarget.checked)}
          />
        )}
      </Group>
      {tokens.error !== null && <ProblemNotice error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {shown.length > 0 && (
        <Paper withBorder>
          <Table.ScrollContainer type="native" minWidth={640}>
            <Table verticalSpacing="sm" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Created</Table.Th>
                  <Table.Th>For</Table.Th>
                  <Table.Th>Used</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>What to do</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map((token) => (
                  <Table.Tr key={token.id}>
                    <Table.Td fw={500}>{token.name}</Table.Td>
                    <Table.Td>
                      <Text size="sm">
                        <RelativeTime at={token.createdAt} /> by {token.createdBy}
                      </Text>
                    </Table.Td>
                    <Table.Td>{token.uses === 'once' ? 'one agent' : 'a fleet'}</Table.Td>
                    <Table.Td>
                      <Text size="sm">
                        <TokenUse token={token} agents={props.agents} />
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right">
                      {token.revokedAt === null ? (
                        <AllowedButton
                          permission="agent.manage"
                          size="xs"
                          variant="subtle"
                          color="red"
                          aria-label={`Revoke ${token.name}`}
                          onClick={() => setRevoking(token)}
                        >
                          Revoke…
                        </AllowedButton>
                      ) : (
                        <Text size="sm" c="dimmed">
                          revoked <RelativeTime at={token.revokedAt} />
                        </Text>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      {revoking !== null && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </section>
  )
}

function RevokeDialog(props: { token: AgentTokenView; onClose: () => void }) {
  const { token } = props
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => api.send('DELETE', `/agent-tokens/${token.id}`, undefined, nothing.or(z.unknown())),
    onSuccess: async () => {
      toast(`The token ${token.name} is revoked`)
      props.onClose()
      await reloadAfterChange(client, 'agent-token')
    },
  })
  return (
    <ConfirmByName
      opened
      onClose={props.onClose}
      title={`Revoke the token ${token.name}?`}
      name={token.name}
      act="Revoke token"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
    >
      Nobody joins with it any more. Every agent that joined with it is cut off within seconds and comes back
      only with a newer token. It keeps serving its last snapshot, unless CROSSFADE_REVOKED_GRACE says for how
      long.
    </ConfirmByName>
  )
}
