import type { MappingView } from '@crossfade/contracts/api/mappings'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { agentView, mappingView, shareResult } from '../../testing/views.ts'
import { movableMapping } from './movable.ts'
import { RollBackButton } from './roll-back-button.tsx'
import { SharePanel } from './share-panel.tsx'
import { useShareActs, useShareNow } from './use-share.ts'

const me = {
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: 'operator', environments: [] },
}
const conflict = {
  title: 'Somebody changed this since you loaded it',
  status: 409,
  code: 'version_conflict',
  detail: 'Somebody changed this since you loaded it',
  currentVersion: 9,
  by: 'Jon',
  at: '2026-01-01T00:00:00.000Z',
  from: { percent: 10 },
  to: { percent: 25 },
}

function Page({ mapping }: { mapping: MappingView }) {
  const movable = movableMapping(mapping)
  const share = useShareNow(movable)
  const acts = useShareActs(movable)
  return (
    <>
      <RollBackButton movable={movable} share={share} acts={acts} />
      <SharePanel movable={movable} share={share} acts={acts} />
    </>
  )
}

async function open(answers: Parameters<typeof fakeApi>[0], more: Partial<MappingView> = {}) {
  const { calls } = fakeApi({ 'GET /session': { json: me }, ...answers })
  const clock = manualClock(1_700_000_000_000)
  const socket = fakeSocket()
  renderScreen(<Page mapping={mappingView(more)} />, { clock, socket })
  act(() =>
    socket.say({
      type: 'hello',
      now: clock.now(),
      version: '0.1.0',
      environmentId: 'default',
      epoch: 'e1',
      revision: 3,
      shares: [],
      agents: [agentView('edge-1'), agentView('edge-2')],
    }),
  )
  await waitFor(() => expect(screen.queryByText(/Waiting for your account/)).toBeNull())
  const slider = screen.getByRole('slider', { name: 'Share of traffic on the new service' })
  slider.focus()
  return { calls, clock, socket, slider, user: userEvent.setup() }
}
const writes = (calls: { method: string }[]) => calls.filter(({ method }) => method !== 'GET')
const valueText = (slider: HTMLElement) => slider.getAttribute('aria-valuetext')

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the slider by keyboard', () => {
  it('drafts five presses and applies them as one request, without losing focus', async () => {
    const { slider, user, calls } = await open({ 'PUT /mappings/books/share': { json: shareResult() } })
    await user.keyboard('{ArrowRight>5/}')
    expect(valueText(slider)).toBe('15 per cent new, 85 per cent legacy, not applied yet')
    expect(writes(calls)).toEqual([])
    await user.keyboard('{Enter}')
    await waitFor(() => expect(writes(calls)).toHaveLength(1))
    expect(writes(calls)[0]).toMatchObject({
      method: 'PUT',
      path: '/mappings/books/share',
      body: { percent: 15 },
      headers: { 'if-match': '"3"', 'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    })
    expect(document.activeElement).toBe(slider)
  })

  it('moves by ten, by a tenth and to both ends', async () => {
    const { slider, user } = await open({})
    await user.keyboard('{PageUp}')
    expect(slider.getAttribute('aria-valuenow')).toBe('20')
    await user.keyboard('{Shift>}{ArrowLeft}{/Shift}')
    expect(slider.getAttribute('aria-valuenow')).toBe('19.9')
    await user.keyboard('{PageDown}')
    expect(slider.getAttribute('aria-valuenow')).toBe('9.9')
    await user.keyboard('{End}')
    expect(slider.getAttribute('aria-valuenow')).toBe('100')
    await user.keyboard('{Home}')
    expect(valueText(slider)).toBe('0 per cent new, 100 per cent legacy, not applied yet')
  })

  it('discards with Escape and sends nothing', async () => {
    const { slider, user, calls } = await open({})
    await user.keyboard('{ArrowRight}{Escape}')
    expect(valueText(slider)).toBe('10 per cent new, 90 per cent legacy')
    expect(screen.queryByTestId('apply-bar')).toBeNull()
    await user.keyboard('{Enter}')
    expect(writes(calls)).toEqual([])
  })
})

describe('the number field', () => {
  const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Share in per cent' })

  it('takes two decimals and applies with Enter', async () => {
    const { user, calls } = await open({ 'PUT /mappings/books/share': { json: shareResult() } })
    await user.clear(field())
    await user.type(field(), '0.05')
    expect(field().value).toBe('0.05 %')
    await user.keyboard('{Enter}')
    await waitFor(() => expect(writes(calls)[0]).toMatchObject({ body: { percent: 0.05 } }))
  })

  it('takes more than everything for everything', async () => {
    const { user, slider } = await open({})
    await user.clear(field())
    await user.type(field(), '101')
    expect(slider.getAttribute('aria-valuenow')).toBe('100')
  })

  it('comes back to the share when it is left empty, or with Escape', async () => {
    const { user } = await open({})
    await user.clear(field())
    expect(field().value).toBe('')
    await user.keyboard('{Escape}')
    expect(field().value).toBe('10 %')
    await user.clear(field())
    await user.tab()
    expect(field().value).toBe('10 %')
  })
})

describe('the keyboard focus', () => {
  it('returns to the slider when the Apply bar goes away', async () => {
    const { slider, user } = await open({ 'PUT /mappings/books/share': { json: shareResult() } })
    await user.keyboard('{ArrowRight}')
    screen.getByRole('button', { name: 'Apply 11 %' }).focus()
    await user.keyboard('{Escape}')
    expect(document.activeElement).toBe(slider)
    await user.keyboard('{ArrowRight}')
    screen.getByRole('button', { name: 'Apply 11 %' }).focus()
    await user.keyboard('{Enter}')
    await waitFor(() => expect(document.activeElement).toBe(slider))
  })

  it('stays with what Roll back turns into', async () => {
    const { user, socket } = await open({
      'POST /mappings/books/rollback': { json: shareResult({ percent: 0, shareVersion: 4, revision: 7 }) },
    })
    screen.getByRole('button', { name: 'Roll back' }).focus()
    await user.keyboard('{Enter}')
    act(() =>
      socket.say({
        type: 'change',
        revision: 7,
        change: change('Maya', 'mapping.rollback', 0),
        shares: [{ mappingId: 'books', percent: 0, shareVersion: 4 }],
      }),
    )
    const card = await screen.findByTestId('rolled-back')
    await waitFor(() => expect(document.activeElement?.contains(card)).toBe(true))
    expect(document.activeElement).not.toBe(document.body)
  })
})

describe('the Apply bar', () => {
  it('sends a reason along', async () => {
    const { user, calls } = await open({ 'PUT /mappings/books/share': { json: shareResult() } })
    await user.keyboard('{ArrowRight}')
    expect(screen.getByTestId('apply-bar').textContent).toContain('10 % → 11 %')
    await user.type(screen.getByLabelText('Reason (optional)'), 'quiet hour')
    await user.click(screen.getByRole('button', { name: 'Apply 11 %' }))
    await waitFor(() =>
      expect(writes(calls)[0]).toMatchObject({ body: { percent: 11, reason: 'quiet hour' } }),
    )
  })

  it('says at the first raise that writes follow the share', async () => {
    const split = { ...mappingView().split, percent: 0 }
    const match = { ...mappingView().match, methods: ['GET', 'POST', 'PUT'] }
    const { user } = await open({}, { split, match })
    await user.keyboard('{ArrowRight}')
    expect(screen.getByTestId('writes-notice').textContent).toContain(
      'POST and PUT requests of the same users go to new',
    )
  })

  it('moves the group when the mapping belongs to one', async () => {
    const { kind: _own, ...split } = mappingView().split
    const group = { ...split, kind: 'group' as const, groupId: 'g1', groupName: 'catalogue' }
    const { user, calls } = await open(
      { 'PUT /groups/g1/share': { json: shareResult({ kind: 'group', id: 'g1' }) } },
      { split: group },
    )
    expect(screen.getByText(/The share belongs to the group/)).toBeTruthy()
    await user.keyboard('{ArrowRight}{Enter}')
    await waitFor(() => expect(writes(calls)[0]).toMatchObject({ path: '/groups/g1/share' }))
  })

  it('blocks raising, with the reason, and not lowering when nothing is heard for ten seconds', async () => {
    const { user, clock, calls } = await open({
      'PUT /mappings/books/share': { json: shareResult({ percent: 9 }) },
    })
    act(() => clock.advance(12_000))
    await user.keyboard('{ArrowRight}{Enter}')
    expect(screen.getByTestId('apply-bar').textContent).toContain('Raising waits for live data')
    expect(writes(calls)).toEqual([])
    await user.keyboard('{ArrowLeft>2/}{Enter}')
    await waitFor(() => expect(writes(calls)[0]).toMatchObject({ body: { percent: 9 } }))
  })
})

describe('when somebody was faster', () => {
  it('names who, from what to what, and applies mine on top', async () => {
    const { user, calls } = await open({
      'PUT /mappings/books/share': [
        { status: 409, json: conflict },
        { json: shareResult({ percent: 11, shareVersion: 10 }) },
      ],
    })
    await user.keyboard('{ArrowRight}{Enter}')
    const dialog = await screen.findByRole('dialog', { name: 'Somebody changed the share first' })
    expect(dialog.textContent).toContain('Jon set it from 10 % to 25 %')
    expect(dialog.textContent).toContain('Your 11 % is not applied')
    await user.click(within(dialog).getByRole('button', { name: 'Apply mine (11 %)' }))
    await waitFor(() => expect(writes(calls)).toHaveLength(2))
    expect(writes(calls)[1]).toMatchObject({ body: { percent: 11 }, headers: { 'if-match': '"9"' } })
  })

  it('keeps theirs on request and sends nothing more', async () => {
    const { user, calls, slider } = await open({
      'PUT /mappings/books/share': { status: 409, json: conflict },
    })
    await user.keyboard('{ArrowRight}{Enter}')
    await user.click(await screen.findByRole('button', { name: 'Keep theirs' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(valueText(slider)).toBe('10 per cent new, 90 per cent legacy')
    expect(writes(calls)).toHaveLength(1)
  })

  it('says so already while the draft stands', async () => {
    const { user, socket } = await open({})
    await user.keyboard('{ArrowRight}')
    act(() =>
      socket.say({
        type: 'change',
        revision: 4,
        change: change('Jon', 'mapping.share', 25),
        shares: [{ mappingId: 'books', percent: 25, shareVersion: 4 }],
      }),
    )
    expect(await screen.findByText('Jon set 25 % meanwhile')).toBeTruthy()
  })
})

describe('rolling back', () => {
  const rolledBack = shareResult({ percent: 0, percentBefore: 10, shareVersion: 4, revision: 7 })

  it('is one press without a version, tells how far it is, and can be undone', async () => {
    const { user, calls, socket } = await open({
      'POST /mappings/books/rollback': { json: rolledBack },
      'PUT /mappings/books/share': { json: shareResult({ percent: 10, shareVersion: 5 }) },
    })
    await user.click(screen.getByRole('button', { name: 'Roll back' }))
    await waitFor(() => expect(writes(calls)).toHaveLength(1))
    expect(writes(calls)[0]).toMatchObject({ method: 'POST', path: '/mappings/books/rollback' })
    expect(writes(calls)[0]).not.toHaveProperty('headers.if-match')
    act(() => {
      socket.say({ type: 'agent', agent: agentView('edge-1', { overlayRevision: 7 }) })
    })
    act(() => {
      socket.say({
        type: 'change',
        revision: 7,
        change: change('Maya', 'mapping.rollback', 0),
        shares: [{ mappingId: 'books', percent: 0, shareVersion: 4 }],
      })
    })
    const card = await screen.findByTestId('rolled-back')
    expect(card.textContent).toContain('live on 1 of 2 agents')
    act(() => {
      socket.say({ type: 'convergence', revision: 7, live: 2, total: 2, waitingFor: [], ms: 300 })
    })
    expect(card.textContent).toContain('live on 2 of 2 agents in 0.3 s')
    await user.click(within(card).getByRole('button', { name: 'Undo (10 %)' }))
    await waitFor(() => expect(writes(calls)).toHaveLength(2))
    expect(writes(calls)[1]).toMatchObject({ body: { percent: 10 }, headers: { 'if-match': '"4"' } })
  })

  it('is at hand from within a field too', async () => {
    const { user, calls } = await open({ 'POST /mappings/books/rollback': { json: rolledBack } })
    screen.getByRole('textbox', { name: 'Share in per cent' }).focus()
    await user.keyboard('{Control>}{Shift>}{Backspace}{/Shift}{/Control}')
    await waitFor(() => expect(writes(calls)).toHaveLength(1))
    expect(writes(calls)[0]).toMatchObject({ path: '/mappings/books/rollback' })
  })

  it('is off when everything is on legacy, and past the point of no return', async () => {
    const { user, calls } = await open({}, { pointOfNoReturn: true })
    const button = screen.getByRole('button', { name: 'Roll back' })
    expect(button.getAttribute('aria-disabled')).toBe('true')
    await user.click(button)
    expect(writes(calls)).toEqual([])
  })
})

function change(name: string, what: string, percent: number) {
  return {
    seq: 2,
    at: '2026-01-01T00:00:00.000Z',
    environmentId: 'default',
    actor: { kind: 'user' as const, id: 'u1', name },
    act: what,
    object: { kind: 'mapping', id: 'books', name: 'books' },
    before: { percent: 10 },
    after: { percent },
    reason: null,
    source: 'dashboard' as const,
    requestId: null,
    revision: 7,
  }
}
