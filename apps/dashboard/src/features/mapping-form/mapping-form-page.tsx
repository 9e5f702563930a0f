import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { mappingQuery } from '../../shared/queries.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { draftForPath } from './draft-for-path.ts'
import { MappingForm } from './mapping-form.tsx'
import { draftOfView } from './view-to-draft.ts'

export function NewMappingPage() {
  const environmentId = useEnvironmentId()
  const search = useSearch({ from: '/frame/mappings/new' })
  const asked = `${search.method ?? ''} ${search.path ?? ''}`.trim()
  return (
    <>
      <PageHeader
        title="New mapping"
        description="One piece of legacy traffic and its replacement. Nothing is sent to the new service until the share is moved."
      />
      <MappingForm
        key={`${environmentId} ${asked}`}
        environmentId={environmentId}
        mapping={null}
        draftName={asked}
        saved={{ draft: draftForPath(search), version: null }}
        onReload={() => {}}
      />
    </>
  )
}

export function EditMappingPage() {
  const { id } = useParams({ from: '/frame/mappings/$id/edit' })
  const mapping = useQuery(mappingQuery(id))
  const [round, setRound] = useState(0)
  const [isDeleting, deleting] = useDisclosure()
  const navigate = useNavigate()
  // The form keeps the version it began from; what others save meanwhile must not slip under it.
  const [begun, setBegun] = useState(mapping.data ?? null)
  if (begun === null && mapping.data !== undefined && !mapping.isFetching) setBegun(mapping.data)
  if (mapping.error !== null && begun === null)
    return <ProblemNotice error={mapping.error} onRetry={() => void mapping.refetch()} />
  if (begun === null) return <LoadingRows rows={6} height={96} />
  return (
    <>
      <PageHeader
        title={`Edit ${begun.name}`}
        actions={
          <AllowedButton permission="mapping.edit" variant="default" onClick={deleting.open}>
            Delete…
          </AllowedButton>
        }
      />
      <MappingForm
        key={`${begun.id} ${round}`}
        environmentId={begun.environmentId}
        mapping={begun}
        saved={{ draft: draftOfView(begun), version: begun.version }}
        onReload={() => {
          void mapping.refetch().then(({ data }) => {
            if (data !== undefined) setBegun(data)
            setRound((before) => before + 1)
          })
        }}
      />
      <DeleteDialog
        opened={isDeleting}
        onClose={deleting.close}
        kind="mapping"
        path={`/mappings/${begun.id}`}
        name={begun.name}
        version={begun.version}
        onDeleted={() => void navigate({ to: '/mappings', ignoreBlocker: true })}
      >
        Its requests go untouched to the default service again, or to the next mapping that matches. This
        cannot be undone.
      </DeleteDialog>
    </>
  )
}
