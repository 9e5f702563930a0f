import type { FreezeView, GovernanceView } from '@crossfade/contracts/api/freezes'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { governanceView } from '../../testing/governance.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { CalendarPage } from './calendar-page.tsx'

const me = (role: string) => ({
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: role, environments: [] },
})

const weekend: FreezeView = {
  id: 'f1',
  environmentId: 'default',
  version: 2,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  name: 'Weekend',
  reason: 'Nobody is on duty',
  window: { kind: 'weekly', days: ['fri'], from: '16:00', until: '08:00', timeZone: 'Europe/Berlin' },
  words: 'Fri, 16:00 to 08:00 (Europe/Berlin)',
  active: false,
  from: '2026-11-27T15:00:00.000Z',
  until: '2026-11-28T07:00:00.000Z',
}

async function open(
  answers: Parameters<typeof fakeApi>[0] = {},
  parts: { freezes?: FreezeView[]; governance?: GovernanceView; role?: string } = {},
) {
  const { freezes = [], governance = governanceView(), role = 'admin' } = parts
  const { calls } = fakeApi({
    'GET /session': { json: me(role) },
    'GET /freezes': { json: { items: freezes, nextCursor: null } },
    'GET /environments/default/governance': { json: governance },
    ...answers,
  })
  const clock = manualClock(Date.parse('2026-11-21T09:00:00.000Z'))
  renderScreen(<CalendarPage />, { clock, socket: fakeSocket() })
  await screen.findByRole('region', { name: 'The line' })
  await waitFor(() => expect(screen.queryByText('Loading')).toBeNull(), { timeout: 10_000 })
  return { writes: () => calls.filter(({ method }) => method !== 'GET'), user: userEvent.setup() }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('the line', () => {
  it('is stopped with a reason, and not without', async () => {
    const stopped = governanceView({
      stopped: { by: 'Maya', at: '2026-11-21T08:59:00.000Z', reason: 'an incident' },
    })
    const { user, writes } = await open({
      'GET /environments/default/governance': [{ json: governanceView() }, { json: stopped }],
      'PUT /environments/default/line': { json: stopped },
    })
    const stop = screen.getByRole('button', { name: 'Stop the line' })
    await user.click(stop)
    expect(writes()).toEqual([])
    await user.type(screen.getByRole('textbox', { name: 'Reason' }), 'an incident')
    await user.click(stop)
    await waitFor(() =>
      expect(writes()[0]).toMatchObject({
        path: '/environments/default/line',
        body: { stopped: true, reason: 'an incident' },
      }),
    )
    await screen.findByRole('button', { name: 'Let it run again' })
  })

  it('says to a viewer what it would take', async () => {
    const { user, writes } = await open({}, { role: 'viewer' })
    await user.type(screen.getByRole('textbox', { name: 'Reason' }), 'because')
    await user.click(screen.getByRole('button', { name: 'Stop the line' }))
    expect(writes()).toEqual([])
  })
})

describe('freezes', () => {
  it('say what they are when there is none', async () => {
    await open()
    expect(screen.getByText('No freeze')).toBeTruthy()
  })

  it('are listed with their words and their next window', async () => {
    await open({}, { freezes: [weekend] })
    const card = screen.getByRole('article', { name: 'Weekend' })
    expect(card.textContent).toContain('Fri, 16:00 to 08:00 (Europe/Berlin)')
    expect(card.textContent).toContain('to come')
    expect(card.textContent).toContain('Nobody is on duty')
  })

  it('are made every week, in a time zone', async () => {
    const { user, writes } = await open({ 'POST /freezes': { status: 201, json: weekend } })
    await user.click(screen.getByRole('button', { name: 'New freeze' }))
    const dialog = await screen.findByRole('dialog')
    await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'Weekend')
    await user.click(within(dialog).getByRole('radio', { name: 'Every week' }))
    await user.click(within(dialog).getByRole('checkbox', { name: 'Saturday' }))
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Time zone' }), 'Europe/Berlin')
    await user.click(within(dialog).getByRole('button', { name: 'Create freeze' }))
    await waitFor(() =>
      expect(writes()[0]?.body).toMatchObject({
        environmentId: 'default',
        name: 'Weekend',
        window: {
          kind: 'weekly',
          days: ['fri', 'sat'],
          from: '16:00',
          until: '08:00',
          timeZone: 'Europe/Berlin',
        },
      }),
    )
  })

  it('are not sent without their times: the fields say so', async () => {
    const { user, writes } = await open()
    await user.click(screen.getByRole('button', { name: 'New freeze' }))
    const dialog = await screen.findByRole('dialog')
    await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'Holidays')
    await user.click(within(dialog).getByRole('button', { name: 'Create freeze' }))
    expect((await within(dialog).findAllByText('Give date and time')).length).toBeGreaterThan(0)
    expect(writes()).toEqual([])
  })
})
