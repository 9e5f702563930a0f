import { PageHeader } from '../../shared/ui/page-header.tsx'

export function LinkPage() {
  return <PageHeader title="Link" />
}
