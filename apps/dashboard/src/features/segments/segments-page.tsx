import { PageHeader } from '../../shared/ui/page-header.tsx'

export function SegmentsPage() {
  return <PageHeader title="Segments" />
}
