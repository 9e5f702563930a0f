import type { Change } from '@crossfade/contracts/api/changes'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { ChangesTimeline } from './changes-timeline.tsx'

const change = (seq: number): Change => ({
  seq,
  at: '2026-01-01T00:00:00Z',
  environmentId: 'default',
  actor: { kind: 'user', id: 'u', name: 'Maya' },
  act: 'mapping.share',
  object: { kind: 'mapping', id: 'm', name: `mapping ${seq}` },
  before: { percent: 1 },
  after: { percent: 2 },
  reason: null,
  source: 'dashboard',
  requestId: 'r1',
  revision: seq,
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the audit trail on screen', () => {
  it('keeps new entries behind a button, and reads older ones on demand', async () => {
    fakeApi({
      'GET /changes': [
        { json: { items: [change(5), change(4)], nextCursor: 'c' } },
        { json: { items: [change(7), change(6), change(5)], nextCursor: 'c' } },
        { json: { items: [change(3)], nextCursor: null } },
        { json: { items: [change(7), change(6)], nextCursor: null } },
      ],
    })
    renderScreen(<ChangesTimeline filter={{}} />, { clock: manualClock(0), socket: fakeSocket() })
    const user = userEvent.setup()
    await screen.findByRole('button', { name: '2 new entries' })
    expect(rows()).toEqual(['mapping 5', 'mapping 4'])
    await user.click(screen.getByRole('button', { name: 'Load older' }))
    await waitFor(() => expect(rows()).toEqual(['mapping 5', 'mapping 4', 'mapping 3']))
    await user.click(screen.getByRole('button', { name: '2 new entries' }))
    await waitFor(() => expect(rows()).toEqual(['mapping 7', 'mapping 6']))
  })

  it('shows what differed, and the whole object when asked', async () => {
    fakeApi({ 'GET /changes': { json: { items: [change(5)], nextCursor: null } } })
    renderScreen(<ChangesTimeline filter={{}} follow />, { clock: manualClock(0), socket: fakeSocket() })
    const user = userEvent.setup()
    const row = await screen.findByRole('button', { name: /Maya raised mapping 5 from 1 % to 2 %/ })
    expect(row.getAttribute('aria-expanded')).toBe('false')
    await user.click(row)
    expect(await screen.findByRole('row', { name: /percent 1 2/ })).toBeTruthy()
    await user.click(screen.getByRole('switch', { name: 'Show whole object' }))
    expect(screen.getByText(/"percent": 2/)).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Change 5' }).getAttribute('href')).toContain('seq=5')
  })
})

function rows(): (string | undefined)[] {
  const list = screen.getByRole('list', { name: /Changes/ })
  return within(list)
    .getAllByRole('listitem')
    .map(({ textContent }) => /mapping \d/.exec(textContent)?.[0])
}
