import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { governanceView } from '../../testing/governance.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { RaiseBanner } from './raise-banner.tsx'
import { blockWords } from './use-raise-block.ts'

const stopped = { by: 'Jon', at: '2026-11-21T08:00:00.000Z', reason: 'an incident' }

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('what blocks raises', () => {
  it('is said with who, why and until when, the line before a freeze', () => {
    const freeze = { name: 'Weekend', until: null }
    expect(blockWords(governanceView())).toBeNull()
    expect(blockWords(governanceView({ stopped, freeze }))).toBe(
      'Jon stopped the line (an incident): no raises until somebody lifts it. Lowering and Roll back work.',
    )
    expect(blockWords(governanceView({ freeze }))).toContain('no raises with no end in sight')
    const ends = { name: 'Weekend', until: '2026-11-23T08:00:00.000Z' }
    expect(blockWords(governanceView({ freeze: ends }))).toMatch(/no raises until 23 Nov 2026/)
  })

  it('stands on every page while it lasts', async () => {
    fakeApi({ 'GET /environments/default/governance': { json: governanceView({ stopped }) } })
    renderScreen(<RaiseBanner />, {
      clock: manualClock(Date.parse('2026-11-21T09:00:00.000Z')),
      socket: fakeSocket(),
    })
    await waitFor(() => expect(screen.getByText('The line is stopped')).toBeTruthy())
    expect(screen.getByRole('status').textContent).toContain('Since 1 hour ago')
  })
})
