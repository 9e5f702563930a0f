import { SegmentedControl, Stack } from '@mantine/core'
import { IconChecks } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEnvironmentId } from '../../shared/environment.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { ApprovalCard } from './approval-card.tsx'
import { allApprovalsQuery, openApprovalsQuery } from './approvals-queries.ts'

/** The inbox of what waits for somebody else's word. */
export function ApprovalsPage() {
  const { show = 'open' } = useSearch({ from: '/frame/approvals' })
  const navigate = useNavigate({ from: '/approvals' })
  return (
    <>
      <PageHeader
        title="Approvals"
        description="Raises that the environment protects, and points of no return. Rolling back never waits here."
        actions={
          <SegmentedControl
            aria-label="Which"
            value={show}
            data={[
              { value: 'open', label: 'Open' },
              { value: 'all', label: 'All' },
            ]}
            onChange={(next) => void navigate({ search: next === 'all' ? { show: 'all' } : {} })}
          />
        }
      />
      <ApprovalList show={show} />
    </>
  )
}

export function ApprovalList({ show }: { show: 'open' | 'all' }) {
  const environmentId = useEnvironmentId()
  const approvals = useQuery(
    show === 'open' ? openApprovalsQuery(environmentId) : allApprovalsQuery(environmentId),
  )
  if (approvals.isPending) return <LoadingRows rows={3} height={180} />
  if (approvals.data === undefined)
    return <ProblemNotice error={approvals.error} onRetry={() => void approvals.refetch()} />
  if (approvals.data.length === 0)
    return (
      <EmptyState icon={<IconChecks />} title={show === 'open' ? 'Nothing waits' : 'Nobody has asked yet'}>
        Whoever raises beyond what the environment lets one person do asks here. What needs approval is said
        in the settings of the environment, under Protection.
      </EmptyState>
    )
  return (
    <Stack gap="md">
      {approvals.data.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </Stack>
  )
}
