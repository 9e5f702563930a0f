import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { governanceView } from '../../testing/governance.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { ProtectionForm } from './protection-form.tsx'

const me = {
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: 'admin', environments: [] },
}

async function open() {
  const saved = governanceView({ version: 2 })
  const { calls } = fakeApi({
    'GET /session': { json: me },
    'GET /environments/default/governance': { json: governanceView() },
    'PUT /environments/default/protection': { json: saved },
  })
  renderScreen(<ProtectionForm environmentId="default" />, {
    clock: manualClock(1_700_000_000_000),
    socket: fakeSocket(),
  })
  await screen.findByRole('region', { name: 'Protection' })
  await waitFor(() => expect(screen.queryByText(/Waiting for your account/)).toBeNull())
  return { user: userEvent.setup(), writes: () => calls.filter(({ method }) => method !== 'GET') }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('saves limits on top of the version it began from; an empty one is none', async () => {
  const { user, writes } = await open()
  await user.type(screen.getByRole('textbox', { name: 'Approval for raises above' }), '25')
  await user.click(screen.getByRole('button', { name: 'Save protection' }))
  await waitFor(() => expect(writes()).toHaveLength(1))
  expect(writes()[0]).toMatchObject({
    headers: { 'if-match': '"1"' },
    body: { abovePercent: 25, stepPercent: null, quorum: 1, expiresHours: 72, selfApproval: false },
  })
})

it('refuses nobody as quorum, at the field', async () => {
  const { user, writes } = await open()
  await user.clear(screen.getByRole('textbox', { name: 'People who have to approve' }))
  await user.click(screen.getByRole('button', { name: 'Save protection' }))
  expect((await screen.findAllByText('Give a number')).length).toBeGreaterThan(0)
  expect(writes()).toEqual([])
})
