import type { AgentTokenView } from '@crossfade/contracts/api/agents'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { agentView } from '../../testing/views.ts'
import { TokenList } from './token-list.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const day = 24 * 3_600_000
const at = (days: number) => new Date(Date.UTC(2026, 0, 1) + days * day).toISOString()
const aToken = (name: string, more: Partial<AgentTokenView>): AgentTokenView => ({
  id: name,
  environmentId: 'default',
  name,
  uses: 'once',
  createdAt: at(0),
  createdBy: 'Maya',
  expiresAt: at(1),
  usedAt: null,
  usedBy: null,
  lastUsedAt: null,
  revokedAt: null,
  ...more,
})

it('says of each token whom it is for, who came in with it, and how long it is good', async () => {
  const edge = agentView('edge-1')
  const items = [
    aToken('fresh', { expiresAt: at(4) }),
    aToken('forgotten', { expiresAt: at(1) }),
    aToken('used', { usedAt: at(0.5), usedBy: edge.id, lastUsedAt: at(0.5) }),
    aToken('widow', { usedAt: at(0.5), usedBy: 'gone', lastUsedAt: at(0.5) }),
    aToken('pods', { uses: 'many', expiresAt: null, lastUsedAt: at(1) }),
  ]
  const access = { everywhere: 'admin', environments: [] }
  fakeApi({
    'GET /session': { json: { kind: 'user', id: 'u1', name: 'Maya', email: 'maya@example.com', access } },
    'GET /agent-tokens': { json: { items, nextCursor: null } },
  })
  renderScreen(<TokenList environmentId="default" agents={[edge]} />, {
    clock: manualClock(Date.UTC(2026, 0, 3)),
    socket: fakeSocket(),
  })
  const table = await screen.findByRole('table')
  const rows = within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent)
  expect(rows).toEqual([
    expect.stringMatching(/^fresh.*one agentnever; expires in 2 days/),
    expect.stringMatching(/^forgotten.*one agentnever; expired 1 day ago/),
    expect.stringMatching(/^used.*one agentby edge-1, /),
    expect.stringMatching(/^widow.*by an agent that is gone, /),
    expect.stringMatching(/^pods.*a fleet1 day ago/),
  ])
})
