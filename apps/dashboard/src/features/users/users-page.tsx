import { PageHeader } from '../../shared/ui/page-header.tsx'

export function UsersPage() {
  return <PageHeader title="People & tokens" />
}
