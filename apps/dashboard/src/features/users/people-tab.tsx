import type { UserView } from '@crossfade/contracts/api/people'
import { Badge, Group, Paper, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { useAllowed } from '../../shared/permission.tsx'
import { meQuery } from '../../shared/queries.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { AccessSummary } from './access-summary.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { NeedsRole } from '../../shared/needs-role.tsx'
import { PersonMenu } from './person-menu.tsx'
import { usersQuery } from './people-queries.ts'

/** Who may come in, and what they may do. */
export function PeopleTab() {
  const role = useAllowed('user.manage')
  const me = useQuery(meQuery())
  const users = useQuery({ ...usersQuery(), enabled: role.allowed })
  const [isInviting, inviting] = useDisclosure()
  if (!role.allowed) return <NeedsRole what="who else has access" why={role.why} />
  return (
    <Stack>
      <Group justify="flex-end">
        <AllowedButton permission="user.manage" onClick={inviting.open}>
          Invite a person
        </AllowedButton>
      </Group>
      {users.isPending && <LoadingRows rows={4} height={48} />}
      {users.error !== null && <ProblemNotice error={users.error} onRetry={() => void users.refetch()} />}
      {users.data !== undefined && (
        <Paper withBorder>
          <Table.ScrollContainer type="native" minWidth={680}>
            <Table verticalSpacing="sm" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Person</Table.Th>
                  <Table.Th>May</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Last seen</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>What to do</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {users.data.map((user) => (
                  <PersonRow key={user.id} user={user} isMe={user.id === me.data?.id} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      {isInviting && <InviteDialog user={null} onClose={inviting.close} />}
    </Stack>
  )
}

const states = {
  active: { color: 'green', word: 'Active' },
  invited: { color: 'yellow', word: 'Invited' },
  disabled: { color: 'gray', word: 'Disabled' },
} as const satisfies Record<UserView['state'], unknown>

function PersonRow({ user, isMe }: { user: UserView; isMe: boolean }) {
  const { color, word } = states[user.state]
  return (
    <Table.Tr opacity={user.state === 'disabled' ? 0.6 : undefined}>
      <Table.Td>
        <Text fw={600} size="sm">
          {user.name}
          {isMe && (
            <Text span inherit fw={400} c="dimmed">
              {' '}
              (you)
            </Text>
          )}
        </Text>
        {user.email !== user.name && (
          <Text size="xs" c="dimmed">
            {user.email}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <AccessSummary access={user.access} />
      </Table.Td>
      <Table.Td>
        <Badge variant="dot" tt="none" fw={500} color={color}>
          {word}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{user.lastSeenAt === null ? 'never' : <RelativeTime at={user.lastSeenAt} />}</Text>
      </Table.Td>
      <Table.Td ta="right">
        <PersonMenu user={user} />
      </Table.Td>
    </Table.Tr>
  )
}
