import type { Me } from '@crossfade/contracts/api/people'
import { can } from '@crossfade/contracts/roles'
import { Anchor, Container, Group, Text } from '@mantine/core'
import { IconLock, IconLogin2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { asProblem } from '../shared/api.ts'
import { useEnvironmentId } from '../shared/environment.ts'
import { environmentsQuery, meQuery } from '../shared/queries.ts'
import { EmptyState } from '../shared/ui/empty-state.tsx'

/** Lets the page through only while whoever is signed in may read the environment in the address. */
export function AccessGate(props: { children: ReactNode }) {
  const environmentId = useEnvironmentId()
  const me = useQuery(meQuery())
  const { href, pathname } = useLocation()
  if (me.error !== null && asProblem(me.error).status === 401) return <SignedOutPage next={href} />
  if (me.data === undefined) return null
  // One's own account belongs to no environment.
  if (pathname === '/people' || can(me.data.access, 'read', environmentId)) return props.children
  return <NoAccessPage me={me.data} environmentId={environmentId} />
}

/** In the place of an environment that one may not read, or that does not exist: the server does not say which. */
function NoAccessPage(props: { me: Me; environmentId: string }) {
  const environments = useQuery(environmentsQuery())
  const readable = environments.data ?? []
  return (
    <Container component="main" size="sm" py={80}>
      <EmptyState
        icon={<IconLock />}
        title={readable.length === 0 ? 'You have no rights here' : 'You cannot see this environment'}
        actions={
          <Group>
            {readable.map(({ id, name }) => (
              <Anchor key={id} href={`/mappings?environment=${encodeURIComponent(id)}`}>
                Go to {name}
              </Anchor>
            ))}
            <Anchor href="/people?tab=account">Your account</Anchor>
          </Group>
        }
      >
        <Text inherit>
          You are signed in as {props.me.name}, and have no role in {props.environmentId}. It may have been
          taken away, or there may be no such environment. An administrator can give you a role.
        </Text>
      </EmptyState>
    </Container>
  )
}

/** When a session ended under one's hands: signed out elsewhere, disabled, or given other rights. */
function SignedOutPage(props: { next: string }) {
  return (
    <Container component="main" size="sm" py={80}>
      <EmptyState
        icon={<IconLogin2 />}
        title="Your session has ended"
        actions={<Anchor href={`/sign-in?next=${encodeURIComponent(props.next)}`}>Sign in again</Anchor>}
      >
        You signed out elsewhere, the session ran out, or an administrator changed what you may do. Nothing
        you saved is lost.
      </EmptyState>
    </Container>
  )
}
