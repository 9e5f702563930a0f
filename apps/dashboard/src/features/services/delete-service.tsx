import type { ServiceView } from '@crossfade/contracts/api/services'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'

/** Deleting types the name; a service in use is refused with the mappings that use it. */
export function DeleteService(props: {
  service: ServiceView
  opened: boolean
  onClose: () => void
  onDeleted: () => void
}) {
  return (
    <DeleteDialog
      opened={props.opened}
      onClose={props.onClose}
      kind="service"
      path={`/services/${props.service.id}`}
      name={props.service.name}
      version={props.service.version}
      onDeleted={props.onDeleted}
    >
      Agents forget this service with their next snapshot. A service that a mapping or a default uses cannot
      be deleted.
    </DeleteDialog>
  )
}
