import { PageHeader } from '../../shared/ui/page-header.tsx'

export function MappingsPage() {
  return <PageHeader title="Mappings" />
}
