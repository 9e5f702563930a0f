import { linkInfoSchema, meSchema, passwordSchema } from '@crossfade/contracts/api/people'
import { Button, Center, Loader, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { z } from 'zod'
import { accessText } from '@crossfade/contracts/access-text'
import { api, asProblem } from '../../shared/api.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { Door } from './door.tsx'
import { useEnter } from './use-enter.ts'

type LinkInfo = z.infer<typeof linkInfoSchema>

/** `/link#<token>`: the token stays behind the `#`, so it reaches no server log. */
export function LinkPage() {
  const token = useLocation({ select: (location) => location.hash })
  const info = useQuery({
    queryKey: ['links', token],
    queryFn: ({ signal }) => api.send('POST', '/links/inspect', { token }, linkInfoSchema, { signal }),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (token === '')
    return <Broken text="The address lacks its token. Copy the whole link, with what follows the #." />
  if (info.isPending) return <Waiting title="One moment" />
  if (info.isError) {
    const { code } = asProblem(info.error)
    if (code === 'link_used' || code === 'not_found') {
      return (
        <Broken text="This link was used or has expired. Ask an administrator for a new one, or run “crossfade admin link” where the control plane runs." />
      )
    }
    return (
      <Door title="This link">
        <Stack mt="md">
          <ProblemNotice error={info.error} onRetry={() => void info.refetch()} />
        </Stack>
      </Door>
    )
  }
  return info.data.purpose === 'sign-in' ? (
    <SignInAtOnce token={token} />
  ) : (
    <AcceptForm token={token} info={info.data} />
  )
}

function AcceptForm({ token, info }: { token: string; info: LinkInfo }) {
  const enter = useEnter()
  const [name, setName] = useState('')
  const [email, setEmail] = useState(info.email ?? '')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const weak = passwordSchema.safeParse(password).error?.issues[0]?.message
  const accept = useMutation({
    mutationFn: () =>
      api.send(
        'POST',
        '/links/accept',
        { token, name: name.trim(), password, ...(info.email === null && { email: email.trim() }) },
        meSchema,
      ),
    onSuccess: (me) => enter(me),
  })
  const refused = accept.error === null ? [] : asProblem(accept.error).errors
  const errorOf = (field: string) => refused.find((error) => error.path === field)?.message
  const first = info.purpose === 'first-administrator'
  return (
    <Door
      title={first ? 'Create the first administrator' : 'Join Crossfade'}
      lead={
        <>
          {first ? 'Nobody can sign in yet. ' : `You were invited as ${accessText(info.access)}. `}
          This link ends <RelativeTime at={info.expiresAt} />.
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (weak === undefined) accept.mutate()
        }}
      >
        <Stack mt="lg">
          <TextInput
            label="Your name"
            description="Shown in the audit trail beside what you change"
            autoComplete="name"
            autoFocus
            required
            withAsterisk={false}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errorOf('name')}
          />
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            readOnly={info.email !== null}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={errorOf('email')}
          />
          <PasswordInput
            label="Password"
            description="At least 10 characters"
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={(tried ? weak : undefined) ?? errorOf('password')}
          />
          {accept.error !== null && <ProblemNotice error={accept.error} />}
          <Button type="submit" fullWidth loading={accept.isPending}>
            {first ? 'Create and sign in' : 'Join'}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

function SignInAtOnce({ token }: { token: string }) {
  const enter = useEnter()
  const signIn = useMutation({
    mutationKey: ['link-sign-in', token],
    mutationFn: () => api.send('POST', '/links/sign-in', { token }, meSchema),
    onSuccess: (me) => enter(me),
  })
  const hasBegun = useRef(false)
  const begin = useEffectEvent(() => {
    // The token is good once, and strict mode runs effects twice.
    if (hasBegun.current) return
    hasBegun.current = true
    signIn.mutate()
  })
  useEffect(() => begin(), [])
  if (signIn.isError) {
    return asProblem(signIn.error).code === 'link_used' ? (
      <Broken text="This link was used or has expired. Run “crossfade admin link” where the control plane runs for a new one." />
    ) : (
      <Door title="Sign in">
        <Stack mt="md">
          <ProblemNotice error={signIn.error} onRetry={() => signIn.mutate()} />
        </Stack>
      </Door>
    )
  }
  return <Waiting title="Signing you in" />
}

function Waiting({ title }: { title: string }) {
  return (
    <Door title={title}>
      <Center py="lg">
        <Loader aria-label={title} />
      </Center>
    </Door>
  )
}

function Broken({ text }: { text: string }) {
  return (
    <Door title="This link does not work">
      <Stack mt="md">
        <Text size="sm">{text}</Text>
        <AnchorLink to="/sign-in">To sign in</AnchorLink>
      </Stack>
    </Door>
  )
}
