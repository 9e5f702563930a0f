import type { ApiTokenView } from '@crossfade/contracts/api/people'
import { Code, Group, Paper, Stack, Switch, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { api, nothing } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { useAllowed } from '../../shared/permission.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { ConfirmByName } from '../../shared/ui/confirm-by-name.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { toast } from '../../shared/ui/toast.ts'
import { AccessSummary } from './access-summary.tsx'
import { NeedsRole } from '../../shared/needs-role.tsx'
import { tokensQuery } from './people-queries.ts'
import { TokenDialog } from './token-dialog.tsx'

/** Tokens of programs that use the API. */
export function TokensTab() {
  const role = useAllowed('token.manage')
  const tokens = useQuery({ ...tokensQuery(), enabled: role.allowed })
  const [isCreating, creating] = useDisclosure()
  const [showsRevoked, setShowsRevoked] = useState(false)
  const [revoking, setRevoking] = useState<ApiTokenView | null>(null)
  if (!role.allowed) return <NeedsRole what="API tokens" why={role.why} />
  const shown = tokens.data?.filter(({ revokedAt }) => showsRevoked || revokedAt === null) ?? []
  const create = (
    <AllowedButton permission="token.manage" onClick={creating.open}>
      New API token
    </AllowedButton>
  )
  return (
    <Stack>
      <Group justify="space-between">
        <Switch
          label="Show revoked"
          checked={showsRevoked}
          onChange={(event) => setShowsRevoked(event.currentTarget.checked)}
        />
        {shown.length > 0 && create}
      </Group>
      {tokens.isPending && <LoadingRows rows={3} height={48} />}
      {tokens.error !== null && <ProblemNotice error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.data !== undefined && shown.length === 0 && (
        <EmptyState icon={<IconKey />} title="No API token" actions={create}>
          The command line and your own programs use the API with a token of their own, with a role like a
          person.
        </EmptyState>
      )}
      {shown.length > 0 && <TokenTable tokens={shown} onRevoke={setRevoking} />}
      {isCreating && <TokenDialog onClose={creating.close} />}
      {revoking !== null && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </Stack>
  )
}

function TokenTable(props: { tokens: readonly ApiTokenView[]; onRevoke: (token: ApiTokenView) => void }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer type="native" minWidth={760}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Token</Table.Th>
              <Table.Th>May</Table.Th>
              <Table.Th>Created</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th>Expires</Table.Th>
              <Table.Th>
                <VisuallyHidden>What to do</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.tokens.map((token) => (
              <Table.Tr key={token.id} opacity={token.revokedAt === null ? undefined : 0.6}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {token.name}
                  </Text>
                  <Code>{token.prefix}…</Code>
                </Table.Td>
                <Table.Td>
                  <AccessSummary access={token.access} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">
                    <RelativeTime at={token.createdAt} /> by {token.createdBy}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Moment at={token.lastUsedAt} />
                </Table.Td>
                <Table.Td>
                  <Moment at={token.expiresAt} />
                </Table.Td>
                <Table.Td ta="right">
                  {token.revokedAt === null ? (
                    <AllowedButton
                      permission="token.manage"
                      size="xs"
                      variant="subtle"
                      color="red"
                      aria-label={`Revoke ${token.name}`}
                      onClick={() => props.onRevoke(token)}
                    >
                      Revoke…
                    </AllowedButton>
                  ) : (
                    <Text size="sm">
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
  )
}

function Moment(props: { at: string | null }) {
  return <Text size="sm">{props.at === null ? 'never' : <RelativeTime at={props.at} />}</Text>
}

function RevokeDialog(props: { token: ApiTokenView; onClose: () => void }) {
  const { token } = props
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => api.send('DELETE', `/tokens/${token.id}`, undefined, nothing.or(z.unknown())),
    onSuccess: async () => {
      toast(`The token ${token.name} is revoked`)
      props.onClose()
      await reloadAfterChange(client, 'token')
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
      Programs that use it are refused from now on.
    </ConfirmByName>
  )
}
