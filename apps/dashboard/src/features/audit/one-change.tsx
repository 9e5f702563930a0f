import { ActionIcon, Group, Paper, Skeleton, Title } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ChangeRow } from '../../shared/changes/change-row.tsx'
import classes from '../../shared/changes/changes.module.css'
import { changeQuery } from '../../shared/changes/changes-query.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'

/** The change a permalink names, opened above the list. */
export function OneChange(props: { seq: number; onClose: () => void }) {
  const change = useQuery(changeQuery(props.seq))
  return (
    <Paper withBorder p="md" aria-label={`Change ${props.seq}`} component="section">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          Change {props.seq}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label="Close this change" onClick={props.onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {change.isPending && <Skeleton height={48} />}
      {change.error !== null && <ProblemNotice error={change.error} onRetry={() => void change.refetch()} />}
      {change.data !== undefined && (
        <ul className={classes.list}>
          <ChangeRow key={change.data.seq} change={change.data} initiallyOpen />
        </ul>
      )}
    </Paper>
  )
}
