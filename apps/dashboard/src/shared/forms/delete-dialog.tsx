import { useMutation, useQueryClient } from '@tanstack/react-query'
import { List, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { z } from 'zod'
import { api, asProblem, nothing } from '../api.ts'
import { reloadAfterChange } from '../queries.ts'
import { ConfirmByName } from '../ui/confirm-by-name.tsx'
import { AnchorLink } from '../ui/links.tsx'
import { toast } from '../ui/toast.ts'

const usersSchema = z.object({ mappings: z.array(z.object({ id: z.string(), name: z.string() })).min(1) })

/** Deletes a stored thing once its name is typed; a refusal because of use names the mappings with links. */
export function DeleteDialog(props: {
  opened: boolean
  onClose: () => void
  kind: string
  /** Below `/api/v1`. */
  path: string
  name: string
  version?: number
  children: ReactNode
  onDeleted: () => void
}) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () =>
      api.send('DELETE', props.path, undefined, nothing.or(z.unknown()), {
        ...(props.version !== undefined && { ifMatch: props.version }),
      }),
    onSuccess: async () => {
      toast(`${props.name} is deleted`)
      props.onDeleted()
      await reloadAfterChange(client, props.kind)
    },
  })
  const inUse = usersSchema.safeParse(remove.error === null ? null : asProblem(remove.error).extra)
  return (
    <ConfirmByName
      opened={props.opened}
      onClose={() => {
        remove.reset()
        props.onClose()
      }}
      title={`Delete the ${props.kind} ${props.name}?`}
      name={props.name}
      act={`Delete ${props.kind}`}
      busy={remove.isPending}
      error={inUse.success ? null : remove.error}
      onConfirm={() => remove.mutate()}
    >
      <Stack gap="xs">
        <div>{props.children}</div>
        {inUse.success && (
          <div role="alert">
            <Text size="sm" fw={600} c="var(--cf-bad)">
              Not deleted: still used by
            </Text>
            <List size="sm">
              {inUse.data.mappings.map(({ id, name }) => (
                <List.Item key={id}>
                  <AnchorLink to="/mappings/$id" params={{ id }}>
                    {name}
                  </AnchorLink>
                </List.Item>
              ))}
            </List>
          </div>
        )}
      </Stack>
    </ConfirmByName>
  )
}
