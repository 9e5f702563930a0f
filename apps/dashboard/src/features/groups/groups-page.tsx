import { PageHeader } from '../../shared/ui/page-header.tsx'

export function GroupsPage() {
  return <PageHeader title="Groups" />
}
