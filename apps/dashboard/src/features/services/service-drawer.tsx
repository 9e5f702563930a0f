import {
  serviceInputSchema,
  serviceViewSchema,
  type ServiceInput,
  type ServiceView,
} from '@crossfade/contracts/api/services'
import { Drawer, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { FormFooter } from '../../shared/forms/form-footer.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { toast } from '../../shared/ui/toast.ts'
import { DeleteService } from './delete-service.tsx'
import { draftOfService, emptyService, inputOfService, serviceFieldOf } from './service-draft.ts'
import { ServiceFields } from './service-fields.tsx'

/** Makes a service, or edits one. */
export function ServiceDrawer(props: { service: ServiceView | null; onClose: () => void }) {
  const { service } = props
  const environmentId = useEnvironmentId()
  const [isDeleting, deleting] = useDisclosure()
  const save = useSave<ServiceInput, ServiceView>({
    objectKind: 'service',
    fieldOf: serviceFieldOf,
    send: (input, options) =>
      service === null
        ? api.send('POST', '/services', { ...input, environmentId }, serviceViewSchema, options)
        : api.send('PUT', `/services/${service.id}`, input, serviceViewSchema, options),
    onSaved: (saved) => {
      toast(`${saved.name} is saved`)
      props.onClose()
    },
  })
  const form = useDraft(service === null ? emptyService() : draftOfService(service), save)
  const submit = () => {
    const input = inputOfService(form.draft)
    // Empty lines are not sent; without them the places in messages are those on screen.
    form.set('instances', input.instances)
    const issues = issuesOf(serviceInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input, service?.version)
  }
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={service === null ? 'New service' : `Edit ${service.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="lg">
          <ErrorSummary save={save} />
          <ServiceFields draft={form.draft} set={form.set} errorOf={save.errorOf} />
          <Group justify="space-between">
            {service === null ? (
              <span />
            ) : (
              <AllowedButton permission="service.edit" variant="subtle" color="red" onClick={deleting.open}>
                Delete…
              </AllowedButton>
            )}
            <FormFooter
              permission="service.edit"
              label={service === null ? 'Create service' : 'Save'}
              isSaving={save.isSaving}
              onCancel={props.onClose}
            />
          </Group>
        </Stack>
      </form>
      {service !== null && (
        <DeleteService
          service={service}
          opened={isDeleting}
          onClose={deleting.close}
          onDeleted={props.onClose}
        />
      )}
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={props.onClose}
        onClose={save.dismiss}
      />
    </Drawer>
  )
}
