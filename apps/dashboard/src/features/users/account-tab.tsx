import { passwordChangeSchema } from '@crossfade/contracts/api/people'
import {
  Badge,
  Box,
  Button,
  Group,
  Paper,
  PasswordInput,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { api, nothing } from '../../shared/api.ts'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { meQuery } from '../../shared/queries.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { toast, toastProblem } from '../../shared/ui/toast.ts'
import { AccessSummary } from './access-summary.tsx'
import { deviceText } from './device-text.ts'
import { sessionsQuery } from './people-queries.ts'

const emptyOr = nothing.or(z.unknown())

/** One's own name, password and sessions. */
export function AccountTab() {
  const me = useQuery(meQuery())
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Stack>
        {me.data !== undefined && (
          <Paper withBorder p="md" component="section" aria-label="You">
            <Text fw={600}>{me.data.name}</Text>
            <Text size="sm" c="dimmed">
              {me.data.email}
            </Text>
            <Box mt="xs">
              <AccessSummary access={me.data.access} />
            </Box>
          </Paper>
        )}
        <PasswordForm />
      </Stack>
      <Sessions />
    </SimpleGrid>
  )
}

type Passwords = z.infer<typeof passwordChangeSchema>

function PasswordForm() {
  const client = useQueryClient()
  const save = useSave<Passwords, unknown>({
    objectKind: 'user',
    fieldOf: (path) => path,
    send: (input) => api.send('PUT', '/account/password', input, emptyOr),
    onSaved: () => {
      form.reset(empty)
      toast('Your password is changed. Your other sessions have ended.')
      void client.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  const form = useDraft(empty, save)
  const submit = () => {
    const { current, next, again } = form.draft
    const errors = [
      ...(current === '' ? [{ path: 'current', message: 'Give your present password' }] : []),
      ...issuesOf(passwordChangeSchema.safeParse({ current, next })),
      ...(next === again ? [] : [{ path: 'again', message: 'This is not the same password' }]),
    ]
    if (errors.length > 0) save.refuse(errors)
    else save.send({ current, next })
  }
  const field = (name: keyof typeof empty, label: string, autoComplete: string) => (
    <PasswordInput
      id={fieldId(name)}
      label={label}
      autoComplete={autoComplete}
      value={form.draft[name]}
      error={save.errorOf(name)}
      onChange={(event) => form.set(name, event.currentTarget.value)}
    />
  )
  return (
    <Paper withBorder p="md" component="section" aria-label="Password">
      <Title order={2} size="h5" mb="sm">
        Change your password
      </Title>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="sm">
          <ErrorSummary save={save} />
          {field('current', 'Present password', 'current-password')}
          {field('next', 'New password', 'new-password')}
          {field('again', 'New password again', 'new-password')}
          <Group justify="flex-end">
            <Button type="submit" loading={save.isSaving}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

const empty = { current: '', next: '', again: '' }

function Sessions() {
  const client = useQueryClient()
  const sessions = useQuery(sessionsQuery())
  const end = useMutation({
    mutationFn: (id: string | null) =>
      api.send('DELETE', id === null ? '/sessions' : `/sessions/${id}`, undefined, emptyOr),
    onSuccess: (_answer, id) => toast(id === null ? 'Signed out everywhere else' : 'That session has ended'),
    onError: (error) => toastProblem(error),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const others = sessions.data?.filter(({ current }) => !current) ?? []
  return (
    <Paper withBorder p="md" component="section" aria-label="Sessions" style={{ alignSelf: 'start' }}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          Where you are signed in
        </Title>
        {others.length > 0 && (
          <Button
            size="xs"
            variant="default"
            loading={end.isPending && end.variables === null}
            onClick={() => end.mutate(null)}
          >
            Sign out everywhere else
          </Button>
        )}
      </Group>
      {sessions.isPending && <LoadingRows rows={2} height={44} />}
      {sessions.error !== null && (
        <ProblemNotice error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      <Table verticalSpacing="sm" horizontalSpacing={0}>
        <Table.Tbody>
          {sessions.data?.map((session) => (
            <Table.Tr key={session.id}>
              <Table.Td>
                <Text size="sm" fw={500} title={session.userAgent}>
                  {deviceText(session.userAgent)}
                </Text>
                <Text size="xs" c="dimmed">
                  seen <RelativeTime at={session.lastSeenAt} />, signed in{' '}
                  <RelativeTime at={session.createdAt} />
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                {session.current ? (
                  <Badge variant="default" tt="none" fw={500}>
                    This one
                  </Badge>
                ) : (
                  <Button
                    size="xs"
                    variant="subtle"
                    color="red"
                    aria-label={`Sign out ${deviceText(session.userAgent)}`}
                    onClick={() => end.mutate(session.id)}
                  >
                    Sign out
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}
