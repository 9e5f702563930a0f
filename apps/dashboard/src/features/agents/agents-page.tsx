import { PageHeader } from '../../shared/ui/page-header.tsx'

export function AgentsPage() {
  return <PageHeader title="Agents" />
}
