import { PageHeader } from '../../shared/ui/page-header.tsx'

export function MappingPage() {
  return <PageHeader title="Mapping" />
}
