import type { ApprovalView } from '@crossfade/contracts/api/approvals'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { whyNotVote } from './approval-words.ts'
import { ApprovalList } from './approvals-page.tsx'
import { PointOfNoReturn } from './point-of-no-return.tsx'

const me = (role: string, id = 'u2') => ({
  kind: 'user',
  id,
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: role, environments: [] },
})

const raise: ApprovalView = {
  id: 'a1',
  environmentId: 'default',
  version: 3,
  createdAt: '2026-11-21T08:00:00.000Z',
  updatedAt: '2026-11-21T08:00:00.000Z',
  change: { act: 'share', target: { kind: 'mapping', id: 'books' }, percent: 60, ifVersion: 5 },
  title: 'Raise books from 25 % to 60 %',
  object: { kind: 'mapping', id: 'books', name: 'books' },
  before: { percent: 25, shareVersion: 5 },
  after: { percent: 60 },
  moves: [
    {
      mappingId: 'books',
      name: 'books',
      intervals: [],
      percentToNew: 35,
      percentToLegacy: 0,
      reshuffled: false,
    },
  ],
  needs: 'Raises above 50 % need 1 approval',
  requestedBy: { kind: 'user', id: 'u1', name: 'Jon' },
  reason: 'the release',
  quorum: 1,
  selfApproval: false,
  votes: [],
  status: 'pending',
  statusReason: null,
  expiresAt: '2026-11-24T08:00:00.000Z',
}

async function open(
  ui: ReactNode,
  answers: Parameters<typeof fakeApi>[0] = {},
  { approvals = [raise], account = me('operator') } = {},
) {
  const { calls } = fakeApi({
    'GET /session': { json: account },
    'GET /approvals': { json: { items: approvals, nextCursor: null } },
    ...answers,
  })
  renderScreen(ui, { clock: manualClock(Date.parse('2026-11-21T09:00:00.000Z')), socket: fakeSocket() })
  await waitFor(() => expect(screen.queryByText('Loading')).toBeNull(), { timeout: 10_000 })
  return { user: userEvent.setup(), writes: () => calls.filter(({ method }) => method !== 'GET') }
}
const enabled = async (name: string) => {
  const button = await screen.findByRole('button', { name })
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBeNull())
  return button
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the inbox', () => {
  it('says what, who, why, what changes and who moves', async () => {
    await open(<ApprovalList show="open" />)
    const card = screen.getByRole('article', { name: 'Raise books from 25 % to 60 %' })
    expect(card.textContent).toContain('Jon asked 1 hour ago')
    expect(card.textContent).toContain('“the release”')
    expect(card.textContent).toContain('Raises above 50 % need 1 approval')
    expect(card.textContent).toContain('books: 35 % move to new')
    expect(card.textContent).toContain('0 of 1 approval')
    expect(card.textContent).not.toContain('shareVersion')
  })

  it('approves the version that was read', async () => {
    const { user, writes } = await open(<ApprovalList show="open" />, {
      'POST /approvals/a1/approve': { json: { ...raise, status: 'applied' } },
    })
    await user.click(await enabled('Approve Raise books from 25 % to 60 %'))
    const dialog = await screen.findByRole('dialog')
    expect(dialog.textContent).toContain('the last approval it takes')
    await user.click(within(dialog).getByRole('button', { name: 'Approve' }))
    await waitFor(() =>
      expect(writes()[0]).toMatchObject({ path: '/approvals/a1/approve', headers: { 'if-match': '"3"' } }),
    )
  })

  it('declines only with a reason', async () => {
    const { user, writes } = await open(<ApprovalList show="open" />, {
      'POST /approvals/a1/decline': { json: { ...raise, status: 'declined' } },
    })
    await user.click(await enabled('Decline Raise books from 25 % to 60 %'))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Decline' }))
    expect(writes()).toEqual([])
    await user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'not today')
    await user.click(within(dialog).getByRole('button', { name: 'Decline' }))
    await waitFor(() => expect(writes()[0]).toMatchObject({ body: { reason: 'not today' } }))
  })

  it('keeps a refused vote in front of the voter, in the words of the API', async () => {
    const refusal = {
      title: 'Somebody changed this since you loaded it',
      status: 409,
      code: 'version_conflict',
      detail: 'Jon changed the request at 09:00: read it again',
    }
    const { user } = await open(<ApprovalList show="open" />, {
      'POST /approvals/a1/approve': { status: 409, json: refusal },
    })
    await user.click(await enabled('Approve Raise books from 25 % to 60 %'))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Approve' }))
    expect(await within(dialog).findByText(refusal.detail)).toBeTruthy()
  })

  it('says why one cannot approve: own request, and role', async () => {
    expect(whyNotVote(raise, 'u1')).toBe('You asked for this yourself: somebody else has to approve it')
    expect(whyNotVote({ ...raise, selfApproval: true }, 'u1')).toBe('')
    expect(whyNotVote({ ...raise, status: 'expired' }, 'u2')).toBe('It is over: expired')
    const { user, writes } = await open(<ApprovalList show="open" />, {}, { account: me('viewer') })
    const approve = await screen.findByRole('button', { name: 'Approve Raise books from 25 % to 60 %' })
    await user.hover(approve)
    await waitFor(() => expect(screen.getByRole('tooltip').textContent).toContain('operator role'))
    await user.click(approve)
    expect(writes()).toEqual([])
  })

  it('is calm when nothing waits', async () => {
    await open(<ApprovalList show="open" />, {}, { approvals: [] })
    expect(screen.getByText('Nothing waits')).toBeTruthy()
  })
})

describe('the point of no return', () => {
  it('is asked for by typing the name, and says what follows', async () => {
    const subject = {
      kind: 'mapping',
      id: 'books',
      name: 'books',
      version: 7,
      percent: 100,
      pointOfNoReturn: false,
    } as const
    const { user, writes } = await open(
      <PointOfNoReturn subject={subject} />,
      { 'POST /approvals': { status: 201, json: raise } },
      { account: me('editor') },
    )
    await user.click(await enabled('Ask for the point of no return…'))
    const dialog = await screen.findByRole('dialog')
    expect(dialog.textContent).toContain('Roll back is refused, by hand and by guardrails')
    await user.type(within(dialog).getByRole('textbox', { name: /Type/ }), 'books')
    await user.click(within(dialog).getByRole('button', { name: 'Ask for it' }))
    expect(await within(dialog).findByText('Say why')).toBeTruthy()
    expect(writes()).toEqual([])
    await user.type(within(dialog).getByRole('textbox', { name: /Reason/ }), 'the tables moved')
    await user.click(within(dialog).getByRole('button', { name: 'Ask for it' }))
    await waitFor(() =>
      expect(writes()[0]).toMatchObject({
        path: '/approvals',
        body: {
          environmentId: 'default',
          change: { act: 'point-of-no-return', target: { kind: 'mapping', id: 'books' }, ifVersion: 7 },
          reason: 'the tables moved',
        },
      }),
    )
  })
})
