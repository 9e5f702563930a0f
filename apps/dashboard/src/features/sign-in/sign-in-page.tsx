import { meSchema } from '@crossfade/contracts/api/people'
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, asProblem } from '../../shared/api.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { Door } from './door.tsx'
import { useEnter } from './use-enter.ts'

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const enter = useEnter()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.send('POST', '/session', { email: email.trim(), password }, meSchema),
    onSuccess: (me) => enter(me, next),
  })
  const wrong =
    signIn.error !== null && ['wrong_credentials', 'invalid_input'].includes(asProblem(signIn.error).code)
  return (
    <Door title="Sign in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate()
        }}
      >
        <Stack mt="lg">
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={wrong}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={wrong && 'Email and password do not match'}
          />
          {signIn.error !== null && !wrong && <ProblemNotice error={signIn.error} />}
          <Button type="submit" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
          <Text size="xs" c="dimmed">
            No account yet? An administrator can send you an invite link. The very first one is printed by the
            control plane when it starts.
          </Text>
        </Stack>
      </form>
    </Door>
  )
}
