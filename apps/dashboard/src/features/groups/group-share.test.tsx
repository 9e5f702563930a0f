import type { GroupView } from '@crossfade/contracts/api/groups'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { agentView, mappingView, shareResult } from '../../testing/views.ts'
import { movableGroup } from '../mappings/movable.ts'
import { RollBackButton } from '../mappings/roll-back-button.tsx'
import { SharePanel } from '../mappings/share-panel.tsx'
import { useShareActs, useShareNow } from '../mappings/use-share.ts'

const me = {
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: 'operator', environments: [] },
}
const { kind: _own, ...split } = mappingView().split
const group: GroupView = {
  id: 'g1',
  environmentId: 'default',
  version: 1,
  shareVersion: 3,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  name: 'checkout',
  description: '',
  split: { ...split, percent: 0 },
  members: [
    { id: 'basket', name: 'basket' },
    { id: 'payment', name: 'payment' },
  ],
}
const match = { ...mappingView().match, methods: ['GET', 'POST'] }
const members = [mappingView({ id: 'basket', match }), mappingView({ id: 'payment' })]

function Page() {
  const movable = movableGroup(group, members)
  const share = useShareNow(movable)
  const acts = useShareActs(movable)
  return (
    <>
      <RollBackButton movable={movable} share={share} acts={acts} />
      <SharePanel movable={movable} share={share} acts={acts} />
    </>
  )
}

async function open(answers: Parameters<typeof fakeApi>[0], shareVersion = 3, percent = 0) {
  const { calls } = fakeApi({ 'GET /session': { json: me }, ...answers })
  const clock = manualClock(1_700_000_000_000)
  const socket = fakeSocket()
  renderScreen(<Page />, { clock, socket })
  act(() =>
    socket.say({
      type: 'hello',
      now: clock.now(),
      version: '0.1.0',
      environmentId: 'default',
      epoch: 'e1',
      revision: 3,
      shares: ['basket', 'payment'].map((mappingId) => ({ mappingId, percent, shareVersion })),
      agents: [agentView('edge-1')],
    }),
  )
  await waitFor(() => expect(screen.queryByText(/Waiting for your account/)).toBeNull())
  const slider = screen.getByRole('slider', { name: 'Share of traffic on the new service' })
  slider.focus()
  return { calls, slider, user: userEvent.setup() }
}
const writes = (calls: { method: string }[]) => calls.filter(({ method }) => method !== 'GET')

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the share of a group', () => {
  it('moves all members with one request, and says which writes follow', async () => {
    const { calls, user } = await open({
      'PUT /groups/g1/share': { json: shareResult({ kind: 'group', id: 'g1', percent: 5 }) },
    })
    expect(screen.getByText('All 2 members move together.')).toBeTruthy()
    await user.keyboard('{ArrowRight>5/}')
    expect(screen.getByTestId('writes-notice').textContent).toContain('POST requests')
    await user.keyboard('{Enter}')
    await waitFor(() => expect(writes(calls)).toHaveLength(1))
    expect(writes(calls)[0]).toMatchObject({
      path: '/groups/g1/share',
      body: { percent: 5 },
      headers: { 'if-match': '"3"' },
    })
  })

  it('is what the feed says of its members when that is newer, and rolls back in one press', async () => {
    const { calls, slider, user } = await open(
      { 'POST /groups/g1/rollback': { json: shareResult({ kind: 'group', id: 'g1', percent: 0 }) } },
      4,
      25,
    )
    expect(slider.getAttribute('aria-valuenow')).toBe('25')
    await user.click(screen.getByRole('button', { name: 'Roll back' }))
    await waitFor(() => expect(writes(calls)[0]).toMatchObject({ path: '/groups/g1/rollback' }))
  })
})
