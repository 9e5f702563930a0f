import { Button, Center } from '@mantine/core'
import { IconArrowUp, IconHistory } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { EmptyState } from '../ui/empty-state.tsx'
import { LoadingRows } from '../ui/loading.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { ChangeRow } from './change-row.tsx'
import classes from './changes.module.css'
import type { ChangesFilter } from './changes-query.ts'
import { useChanges } from './use-changes.ts'

/**
 * The audit trail of a filter, newest first, read on with "Load older". With `follow` new changes join by
 * themselves (a mapping's history); without, they wait behind a button so that nothing jumps (the audit page).
 */
export function ChangesTimeline(props: { filter: ChangesFilter; follow?: boolean; empty?: ReactNode }) {
  const changes = useChanges(props.filter, props.follow ?? false)
  if (changes.isLoading) return <LoadingRows rows={6} height={48} />
  if (changes.error !== null && changes.items.length === 0)
    return <ProblemNotice error={changes.error} onRetry={changes.retry} />
  return (
    <div>
      <div aria-live="polite">
        {changes.unseen > 0 && (
          <Center mb="sm">
            <Button
              size="xs"
              radius="xl"
              leftSection={<IconArrowUp size={14} aria-hidden />}
              onClick={changes.showNewest}
            >
              {changes.unseenIsLeast ? `${changes.unseen} or more` : changes.unseen} new{' '}
              {changes.unseen === 1 ? 'entry' : 'entries'}
            </Button>
          </Center>
        )}
      </div>
      {changes.items.length === 0 ? (
        (props.empty ?? (
          <EmptyState icon={<IconHistory />} title="Nothing yet">
            Every change will appear here.
          </EmptyState>
        ))
      ) : (
        <ul className={classes.list} aria-label="Changes, newest first">
          {changes.items.map((change) => (
            <ChangeRow key={change.seq} change={change} />
          ))}
        </ul>
      )}
      {changes.hasOlder && (
        <Center mt="sm">
          <Button variant="default" loading={changes.isLoadingOlder} onClick={changes.loadOlder}>
            Load older
          </Button>
        </Center>
      )}
    </div>
  )
}
