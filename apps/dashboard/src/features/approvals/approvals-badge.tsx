import { Badge, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEnvironmentId } from '../../shared/environment.ts'
import { openApprovalsQuery } from './approvals-queries.ts'

/** How many requests are open, beside the section's name; nothing for none. */
export function ApprovalsBadge() {
  const { data } = useQuery(openApprovalsQuery(useEnvironmentId()))
  if (data === undefined || data.length === 0) return null
  return (
    <Badge size="sm" circle={data.length < 10} color="indigo.9">
      {data.length}
      <VisuallyHidden> open</VisuallyHidden>
    </Badge>
  )
}
