import { agentTokenInputSchema, type AgentTokenView } from '@crossfade/contracts/api/agents'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { agentView } from '../../testing/views.ts'
import { InstallDrawer } from './install-drawer.tsx'

const token = `cfa_t1_${'a'.repeat(32)}_${'0'.repeat(32)}`

function Fleet() {
  const [agents, setAgents] = useState([agentView('edge-1')])
  return (
    <>
      <InstallDrawer environmentId="default" agents={agents} onClose={() => {}} />
      <button type="button" onClick={() => setAgents([...agents, agentView('edge-2')])}>
        let edge-2 connect
      </button>
    </>
  )
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const created = (more: Partial<AgentTokenView>) => ({
  status: 201,
  json: {
    id: 't1',
    environmentId: 'default',
    name: 'edge-2',
    createdAt: '2026-01-01T00:00:00Z',
    createdBy: 'Maya',
    uses: 'once',
    expiresAt: '2026-01-02T00:00:00Z',
    usedAt: null,
    usedBy: null,
    lastUsedAt: null,
    revokedAt: null,
    token,
    ...more,
  },
})

describe('installing an agent', () => {
  it('shows the token with lines to paste, and turns green by itself when the agent connects', async () => {
    const { calls } = fakeApi({
      'POST /agent-tokens': created({}),
    })
    renderScreen(<Fleet />, { clock: manualClock(0), socket: fakeSocket() })
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Create the token' }))
    expect((await screen.findAllByText(new RegExp(token))).length).toBe(2)
    expect(agentTokenInputSchema.parse(calls.find(({ method }) => method === 'POST')?.body)).toEqual({
      name: 'edge-2',
      environmentId: 'default',
      uses: 'once',
      expiresAt: null,
    })
    expect(screen.getByText(/Waiting for edge-2/)).toBeTruthy()
    await user.click(screen.getByText('let edge-2 connect'))
    expect(await screen.findByText('edge-2 is connected')).toBeTruthy()
  })

  it('makes a token for a fleet, whose agents have names of their own, and says what that risks', async () => {
    const { calls } = fakeApi({
      'POST /agent-tokens': created({ name: 'pods', uses: 'many', expiresAt: null }),
    })
    renderScreen(<Fleet />, { clock: manualClock(0), socket: fakeSocket() })
    const user = userEvent.setup()
    await user.click(screen.getByRole('radio', { name: 'A fleet of interchangeable agents' }))
    expect(screen.getByText(/Whoever reads it can add an agent/)).toBeTruthy()
    const name = screen.getByLabelText('Name of the token')
    await user.clear(name)
    await user.type(name, 'pods')
    await user.click(screen.getByRole('button', { name: 'Create the token' }))
    expect(await screen.findByText(/Waiting for the first agent/)).toBeTruthy()
    expect(calls.find(({ method }) => method === 'POST')?.body).toMatchObject({ name: 'pods', uses: 'many' })
    expect(screen.queryByText(/CROSSFADE_AGENT_NAME/)).toBeNull()
  })
})
