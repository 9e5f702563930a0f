import type { ApprovalView } from '@crossfade/contracts/api/approvals'
import { Badge, Group, List, Paper, Stack, Text, Title } from '@mantine/core'
import { DiffTable } from '../../shared/changes/diff-table.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { ApprovalActs } from './approval-acts.tsx'
import { movesWords, statusWords, votesWords } from './approval-words.ts'

/** One request: what, who, why, what exactly changes and who moves, and the votes so far. */
export function ApprovalCard({ approval }: { approval: ApprovalView }) {
  const { requestedBy, status, votes } = approval
  const isOpen = status === 'pending' || status === 'approved'
  const moves = movesWords(approval.moves)
  return (
    <Paper withBorder p="lg" component="article" aria-label={approval.title}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={2} size="h4">
              {approval.title}
            </Title>
            <Text size="sm" c="dimmed">
              {requestedBy.name} asked <RelativeTime at={approval.createdAt} />
              {isOpen && (
                <>
                  {' '}
                  · expires <RelativeTime at={approval.expiresAt} />
                </>
              )}{' '}
              · <Where approval={approval} />
            </Text>
          </div>
          <Group gap="xs">
            <Badge variant="dot" tt="none" fw={500} size="lg" color={colors[status]}>
              {statusWords[status]}
            </Badge>
            {isOpen && <Text size="sm">{votesWords(approval)}</Text>}
          </Group>
        </Group>
        {approval.reason !== '' && <Text>“{approval.reason}”</Text>}
        <Text size="sm">{approval.needs}</Text>
        {approval.statusReason !== null && (
          <Text size="sm" c="var(--cf-bad)">
            {approval.statusReason}
          </Text>
        )}
        <DiffTable before={sameFields(approval.before, approval.after)} after={approval.after} />
        {moves.length > 0 && (
          <div>
            <Text size="sm" fw={600}>
              Who moved, had it been applied when it was asked for
            </Text>
            <List size="sm">
              {moves.map((words) => (
                <List.Item key={words}>{words}</List.Item>
              ))}
            </List>
          </div>
        )}
        {votes.length > 0 && (
          <List size="sm">
            {votes.map(({ by, verdict, reason, at }) => (
              <List.Item key={by.id}>
                {by.name} {verdict === 'approve' ? 'approved' : 'declined'} <RelativeTime at={at} />
                {reason !== '' && `: ${reason}`}
              </List.Item>
            ))}
          </List>
        )}
        <ApprovalActs approval={approval} />
      </Stack>
    </Paper>
  )
}

/** What is asked for names only what it sets; the rest of what there was stays. */
function sameFields(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return before
  return Object.fromEntries(Object.keys(after).map((name) => [name, before[name]]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const colors: Readonly<Record<ApprovalView['status'], string>> = {
  pending: 'yellow',
  approved: 'indigo',
  applied: 'teal',
  declined: 'red',
  failed: 'red',
  expired: 'gray',
  cancelled: 'gray',
}

function Where({ approval: { object } }: { approval: ApprovalView }) {
  if (object.kind === 'mapping')
    return (
      <AnchorLink size="sm" to="/mappings/$id" params={{ id: object.id }}>
        {object.name}
      </AnchorLink>
    )
  if (object.kind === 'group')
    return (
      <AnchorLink size="sm" to="/groups" search={{ group: object.id }}>
        {object.name}
      </AnchorLink>
    )
  return (
    <>
      {object.kind} {object.name}
    </>
  )
}
