import { PageHeader } from '../../shared/ui/page-header.tsx'

export function NewMappingPage() {
  return <PageHeader title="New mapping" />
}

export function EditMappingPage() {
  return <PageHeader title="Edit mapping" />
}
