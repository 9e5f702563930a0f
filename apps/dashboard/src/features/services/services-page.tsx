import { PageHeader } from '../../shared/ui/page-header.tsx'

export function ServicesPage() {
  return <PageHeader title="Services" />
}
