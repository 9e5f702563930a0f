import { PageHeader } from '../../shared/ui/page-header.tsx'

export function EnvironmentPage() {
  return <PageHeader title="Environment" />
}
