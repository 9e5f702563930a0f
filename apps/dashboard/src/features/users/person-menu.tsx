import { userViewSchema, type UserView } from '@crossfade/contracts/api/people'
import type { Access } from '@crossfade/contracts/roles'
import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accessText } from '@crossfade/contracts/access-text'
import { api } from '../../shared/api.ts'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { useEnvironmentNames } from '../../shared/use-environment-names.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { toast, toastProblem } from '../../shared/ui/toast.ts'
import { AccessFields } from './access-fields.tsx'
import { InviteDialog } from './invite-dialog.tsx'

type Dialog = 'access' | 'link' | 'delete'

function useUpdate(user: UserView) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (edit: { access?: Access; disabled?: boolean }) =>
      api.send('PUT', `/users/${user.id}`, edit, userViewSchema, { ifMatch: user.version }),
    onSettled: () => reloadAfterChange(client, 'user'),
  })
}

/** What can be done to one person. */
export function PersonMenu({ user }: { user: UserView }) {
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  const update = useUpdate(user)
  const isDisabled = user.state === 'disabled'
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`What to do with ${user.name}`}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialog('access')}>Change access…</Menu.Item>
          <Menu.Item disabled={isDisabled} onClick={() => setDialog('link')}>
            {user.state === 'invited' ? 'New invite link…' : 'Link to set a new password…'}
          </Menu.Item>
          <Menu.Item
            onClick={() =>
              update.mutate(
                { disabled: !isDisabled },
                {
                  onSuccess: () =>
                    toast(
                      isDisabled
                        ? `${user.name} may come in again`
                        : `${user.name} is disabled and signed out`,
                    ),
                  onError: (error) => toastProblem(error),
                },
              )
            }
          >
            {isDisabled ? 'Enable' : 'Disable'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setDialog('delete')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === 'access' && <AccessDialog user={user} onClose={close} />}
      {dialog === 'link' && <InviteDialog user={user} onClose={close} />}
      <DeleteDialog
        opened={dialog === 'delete'}
        onClose={close}
        kind="user"
        path={`/users/${user.id}`}
        name={user.name}
        version={user.version}
        onDeleted={close}
      >
        {user.name} is signed out everywhere and cannot come back. What they did stays in the audit trail.
      </DeleteDialog>
    </>
  )
}

function AccessDialog(props: { user: UserView; onClose: () => void }) {
  const { user } = props
  const [access, setAccess] = useState<Access>(user.access)
  const update = useUpdate(user)
  const nameOf = useEnvironmentNames()
  const isSame = accessText(access) === accessText(user.access)
  return (
    <Modal
      opened
      onClose={props.onClose}
      size="lg"
      title={`What ${user.name} may do`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <AccessFields access={access} onChange={setAccess} />
        {access.everywhere === null && access.environments.length === 0 && (
          <Text size="sm">{user.name} can still sign in, and will see nothing but their own account.</Text>
        )}
        {update.error !== null && <ProblemNotice error={update.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            loading={update.isPending}
            disabled={isSame}
            onClick={() =>
              update.mutate(
                { access },
                {
                  onSuccess: () => {
                    toast(`${user.name} is now ${accessText(access, nameOf)}`)
                    props.onClose()
                  },
                },
              )
            }
          >
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
