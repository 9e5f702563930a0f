import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { AllowedButton } from '../shared/forms/allowed-button.tsx'
import { fakeApi } from '../testing/fake-api.ts'
import { fakeSocket } from '../testing/fake-socket.ts'
import { renderScreen } from '../testing/screen.tsx'
import { AccessGate } from './access-gate.tsx'

const session = (environmentId: string, role: string) => ({
  json: {
    kind: 'user',
    id: 'u1',
    name: 'Vera',
    email: 'vera@example.com',
    access: { everywhere: null, environments: [{ environmentId, role }] },
  },
})
const show = (ui: ReactNode) => renderScreen(ui, { clock: manualClock(0), socket: fakeSocket() })

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('RBAC-02: an environment one has no role in shows a page that says so, and nothing of it is asked for', async () => {
  const { calls } = fakeApi({ 'GET /session': session('staging', 'admin') })
  show(<AccessGate>the page</AccessGate>)
  await screen.findByText('You have no rights here')
  expect(screen.getByText(/signed in as Vera, and have no role in default/)).toBeDefined()
  expect(screen.queryByText('the page')).toBeNull()
  expect(calls.map(({ path }) => path).sort()).toEqual(['/environments', '/session'])
})

it('a session that ended under one’s hands shows a page that says so', async () => {
  fakeApi({
    'GET /session': { status: 401, json: { title: 'Sign in', status: 401, code: 'unauthenticated' } },
  })
  show(<AccessGate>the page</AccessGate>)
  expect(await screen.findByText('Your session has ended')).toBeDefined()
})

it('RBAC-01: a disabled button names the role, where it is needed and who can help', async () => {
  fakeApi({
    'GET /session': session('default', 'viewer'),
    'GET /environments/default/administrators': {
      json: { here: ['Ada'], everywhere: ['Ben', 'Ada', 'Cy', 'Dan'] },
    },
  })
  show(<AllowedButton permission="mapping.edit">New mapping</AllowedButton>)
  const button = await screen.findByRole('button', { name: 'New mapping' })
  button.focus()
  await screen.findByText(
    'Needs the editor role in this environment; yours is viewer. Ada, Ben, or Cy can change it.',
  )
  expect(button.getAttribute('aria-disabled')).toBe('true')
})
