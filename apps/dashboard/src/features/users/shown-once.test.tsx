import { apiTokenInputSchema, inviteInputSchema } from '@crossfade/contracts/api/people'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { PeopleTab } from './people-tab.tsx'
import { TokenDialog } from './token-dialog.tsx'

const created = {
  id: 't1',
  name: 'Deploy pipeline',
  access: { everywhere: 'operator', environments: [] },
  prefix: 'cfp_abcd',
  createdBy: 'Maya',
  createdAt: '2026-01-01T00:00:00Z',
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  token: 'cfp_abcd-the-whole-secret',
}
const invited = {
  user: {
    id: 'u2',
    email: 'jon@example.com',
    name: 'jon@example.com',
    access: { everywhere: 'operator', environments: [] },
    state: 'invited',
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    lastSeenAt: null,
  },
  link: 'https://cf.example/link#once',
  expiresAt: '2026-01-03T00:00:00Z',
}

function Dialogs(props: { which: 'token' | 'invite' }) {
  const [isOpen, setOpen] = useState(true)
  if (!isOpen) return <p>closed</p>
  const close = () => setOpen(false)
  return props.which === 'token' ? (
    <TokenDialog onClose={close} />
  ) : (
    <InviteDialog user={null} onClose={close} />
  )
}

function open(which: 'token' | 'invite', answers: Parameters<typeof fakeApi>[0]) {
  const { calls } = fakeApi(answers)
  renderScreen(<Dialogs which={which} />, { clock: manualClock(0), socket: fakeSocket() })
  return { calls, user: userEvent.setup() }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('secrets are shown once', () => {
  it('shows a new API token until the dialog closes, and keeps it nowhere', async () => {
    const { calls, user } = open('token', { 'POST /tokens': { status: 201, json: created } })
    await user.type(screen.getByRole('textbox', { name: 'Name' }), 'Deploy pipeline')
    await user.click(screen.getByRole('button', { name: 'Create token' }))
    await screen.findByText('cfp_abcd-the-whole-secret')
    expect(apiTokenInputSchema.parse(calls.find(({ method }) => method === 'POST')?.body)).toEqual({
      name: 'Deploy pipeline',
      access: { everywhere: 'operator', environments: [] },
      expiresAt: '1970-04-01T00:00:00.000Z',
    })
    await user.click(screen.getByRole('button', { name: 'Done' }))
    await screen.findByText('closed')
    expect(document.body.innerHTML).not.toContain('the-whole-secret')
    expect([window.sessionStorage.length, window.localStorage.length]).toEqual([0, 0])
  })

  it('shows an invite link with its end', async () => {
    const { calls, user } = open('invite', { 'POST /users': { status: 201, json: invited } })
    await user.type(screen.getByRole('textbox', { name: 'E-mail address' }), 'jon@example.com')
    await user.click(screen.getByRole('button', { name: 'Create invite link' }))
    await screen.findByText('https://cf.example/link#once')
    expect(inviteInputSchema.parse(calls.find(({ method }) => method === 'POST')?.body)).toEqual({
      email: 'jon@example.com',
      access: { everywhere: 'operator', environments: [] },
    })
  })

  it('puts a refused address on its field', async () => {
    const taken = {
      title: 'That name is taken in this environment',
      status: 409,
      code: 'duplicate_name',
      detail: 'Somebody has that e-mail address already',
      errors: [{ path: 'email', message: 'Somebody has that e-mail address already' }],
    }
    const { user } = open('invite', { 'POST /users': { status: 409, json: taken } })
    const field = screen.getByRole('textbox', { name: 'E-mail address' })
    await user.type(field, 'jon@example.com')
    await user.click(screen.getByRole('button', { name: 'Create invite link' }))
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'))
  })
})

describe('who may not', () => {
  it('reads why the list of people is closed, and nothing is asked for', async () => {
    const me = {
      kind: 'user',
      id: 'u1',
      name: 'Vera',
      email: 'vera@example.com',
      access: { everywhere: 'viewer', environments: [] },
    }
    const { calls } = fakeApi({ 'GET /session': { json: me } })
    renderScreen(<PeopleTab />, { clock: manualClock(0), socket: fakeSocket() })
    await screen.findByText(/Needs the admin role everywhere; yours is viewer/)
    expect(calls.some(({ path }) => path === '/users')).toBe(false)
  })
})
