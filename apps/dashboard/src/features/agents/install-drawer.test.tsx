import { agentTokenInputSchema } from '@crossfade/contracts/api/agents'
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

describe('installing an agent', () => {
  it('shows the token with lines to paste, and turns green by itself when the agent connects', async () => {
    const { calls } = fakeApi({
      'POST /agent-tokens': {
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
        },
      },
    })
    renderScreen(<Fleet />, { clock: manualClock(0), socket: fakeSocket() })
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Create its token' }))
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
})
