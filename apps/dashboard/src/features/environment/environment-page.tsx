import { Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { environmentQuery } from '../../shared/queries.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { ApiKeys } from './api-keys.tsx'
import { CreateEnvironment } from './create-environment.tsx'
import { EnvironmentForm } from './environment-form.tsx'
import { ProtectionForm } from './protection-form.tsx'
import { KillSwitchNote } from './kill-switch-note.tsx'

/** What holds for every request of the environment. */
export function EnvironmentPage() {
  const id = useEnvironmentId()
  return <OneEnvironment key={id} id={id} />
}

function OneEnvironment({ id }: { id: string }) {
  const environment = useQuery(environmentQuery(id))
  const [isCreating, creating] = useDisclosure()
  const [round, setRound] = useState(0)
  // The form keeps the version it began from; what others save meanwhile must not slip under it.
  const [begun, setBegun] = useState<typeof environment.data>(undefined)
  if (begun === undefined && environment.data !== undefined && !environment.isFetching)
    setBegun(environment.data)
  const reload = () =>
    void environment.refetch().then(({ data }) => {
      setBegun(data)
      setRound((before) => before + 1)
    })
  // A key is no part of the form: unless somebody else saved meanwhile, the form goes on from the next version.
  const afterKeys = () =>
    void environment.refetch().then(({ data }) => {
      if (data !== undefined && data.version === (begun?.version ?? 0) + 1) setBegun(data)
    })
  return (
    <>
      <PageHeader
        title={begun === undefined ? 'Environment' : `Environment ${begun.name}`}
        description="What holds for every request of this environment, mapped or not."
        actions={
          <Group>
            <AllowedButton permission="environment.edit" variant="default" onClick={creating.open}>
              New environment
            </AllowedButton>
          </Group>
        }
      />
      {environment.error !== null && begun === undefined && (
        <ProblemNotice error={environment.error} onRetry={() => void environment.refetch()} />
      )}
      {begun === undefined && environment.error === null && <LoadingRows rows={5} height={96} />}
      {begun !== undefined && (
        <Stack gap="lg" maw={880}>
          <EnvironmentForm key={round} environment={begun} onSaved={setBegun} onReload={reload} />
          <ApiKeys environment={environment.data ?? begun} onChanged={afterKeys} />
          <ProtectionForm environmentId={begun.id} />
          <KillSwitchNote environmentId={begun.id} />
        </Stack>
      )}
      {isCreating && <CreateEnvironment onClose={creating.close} />}
    </>
  )
}
