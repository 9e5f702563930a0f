import { userViewSchema, type UserView } from '@crossfade/contracts/api/people'
import type { Role } from '@crossfade/contracts/roles'
import { ActionIcon, Button, Group, Menu, Modal, Radio, Stack } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { toast, toastProblem } from '../../shared/ui/toast.ts'
import { InviteDialog } from './invite-dialog.tsx'
import { roleOf, roleOptions } from './role-words.ts'

type Dialog = 'role' | 'link' | 'delete'

function useUpdate(user: UserView) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (edit: { role?: Role; disabled?: boolean }) =>
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
          <Menu.Item onClick={() => setDialog('role')}>Change role…</Menu.Item>
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
      {dialog === 'role' && <RoleDialog user={user} onClose={close} />}
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

function RoleDialog(props: { user: UserView; onClose: () => void }) {
  const { user } = props
  const [role, setRole] = useState(user.role)
  const update = useUpdate(user)
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={`Role of ${user.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Radio.Group aria-label="Role" value={role} onChange={(next) => setRole(roleOf(next))}>
          <Stack gap="sm">
            {roleOptions.map((option) => (
              <Radio key={option.value} {...option} />
            ))}
          </Stack>
        </Radio.Group>
        {update.error !== null && <ProblemNotice error={update.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            loading={update.isPending}
            disabled={role === user.role}
            onClick={() =>
              update.mutate(
                { role },
                {
                  onSuccess: () => {
                    toast(`${user.name} has the ${role} role now`)
                    props.onClose()
                  },
                },
              )
            }
          >
            Change role
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
