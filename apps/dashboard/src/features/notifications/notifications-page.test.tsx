import {
  webhookCreateSchema,
  webhookUpdateSchema,
  type DeliveryView,
  type WebhookView,
} from '@crossfade/contracts/api/webhooks'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { NotificationsPage } from './notifications-page.tsx'

const at = '2026-01-01T00:00:00.000Z'
const webhook = (more: Partial<WebhookView> = {}): WebhookView => ({
  id: 'w1',
  environmentId: 'default',
  version: 3,
  createdAt: at,
  updatedAt: at,
  name: 'Deploy board',
  kind: 'webhook',
  address: 'https://board.example.com/…',
  events: ['share.changed'],
  enabled: true,
  disabledReason: null,
  secrets: [{ createdAt: at, expiresAt: null }],
  lastDelivery: null,
  ...more,
})
const delivery = (more: Partial<DeliveryView> = {}): DeliveryView => ({
  id: 'd1',
  webhookId: 'w1',
  type: 'share.changed',
  summary: 'Maya moved the share of books from 5 % to 10 %',
  status: 'dead',
  attempts: 2,
  nextTryAt: null,
  createdAt: at,
  log: [{ at, ms: 12, status: 500, error: 'answered 500', excerpt: '<b>no</b>' }],
  ...more,
})
const secret = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='

async function open(
  webhooks: readonly WebhookView[],
  answers: Parameters<typeof fakeApi>[0] = {},
  access: object = { everywhere: 'admin', environments: [] },
) {
  const { calls } = fakeApi({
    'GET /session': { json: { kind: 'user', id: 'u1', name: 'Maya', email: 'maya@example.com', access } },
    'GET /webhooks': { json: { items: webhooks, nextCursor: null } },
    ...answers,
  })
  renderScreen(<NotificationsPage />, { clock: manualClock(Date.parse(at)), socket: fakeSocket() })
  const writes = () => calls.filter(({ method }) => method !== 'GET')
  return { calls, writes, user: userEvent.setup() }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('a new webhook', () => {
  it('is made with what was chosen, and its secret is shown once and kept nowhere', async () => {
    const { writes, user } = await open([], {
      'POST /webhooks': { status: 201, json: { ...webhook(), secret } },
    })
    const [create] = await screen.findAllByRole('button', { name: 'New webhook' })
    if (create) await user.click(create)
    await user.click(await screen.findByRole('radio', { name: 'Webhook' }))
    await user.type(screen.getByRole('textbox', { name: /^Name/ }), ' Deploy board ')
    await user.type(screen.getByRole('textbox', { name: /^Address/ }), 'https://board.example.com/hooks')
    await user.click(screen.getByRole('checkbox', { name: 'The kill switch was pulled' }))
    await user.click(screen.getByRole('checkbox', { name: /Of all environments/ }))
    await user.click(screen.getByRole('button', { name: 'Create webhook' }))
    await screen.findByText(secret)
    const sent = webhookCreateSchema.parse(writes()[0]?.body)
    expect(sent).toMatchObject({
      environmentId: null,
      name: 'Deploy board',
      kind: 'webhook',
      url: 'https://board.example.com/hooks',
      enabled: true,
    })
    expect(sent.events).not.toContain('environment.rolled_back')
    expect(sent.events).toContain('share.changed')
    await user.click(screen.getByRole('button', { name: 'Done' }))
    await waitFor(() => expect(document.body.innerHTML).not.toContain(secret))
    expect([window.sessionStorage.length, window.localStorage.length]).toEqual([0, 0])
  })

  it('shows a refused address on its field', async () => {
    const refused = {
      title: 'The address is not allowed here',
      status: 422,
      code: 'invalid_address',
      errors: [{ path: 'url', message: 'Cloud metadata services are not reachable from here' }],
    }
    const { user } = await open([], { 'POST /webhooks': { status: 422, json: refused } })
    const [create] = await screen.findAllByRole('button', { name: 'New webhook' })
    if (create) await user.click(create)
    await user.type(await screen.findByRole('textbox', { name: /^Name/ }), 'x')
    const field = screen.getByRole('textbox', { name: /^Address/ })
    await user.type(field, 'http://metadata')
    await user.click(screen.getByRole('button', { name: 'Create webhook' }))
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'))
  })

  it('cannot be of all environments for those who are administrators of one', async () => {
    const access = { everywhere: null, environments: [{ environmentId: 'default', role: 'admin' }] }
    const { user } = await open([], {}, access)
    const [create] = await screen.findAllByRole('button', { name: 'New webhook' })
    if (create) await user.click(create)
    await screen.findByRole('textbox', { name: /^Name/ })
    expect(screen.queryByRole('checkbox', { name: /Of all environments/ })).toBeNull()
  })
})

describe('a webhook', () => {
  it('of another environment is not listed', async () => {
    await open([
      webhook(),
      webhook({ id: 'w2', name: 'Elsewhere', environmentId: 'other' }),
      webhook({ id: 'w3', name: 'Everywhere', environmentId: null }),
    ])
    await screen.findByRole('region', { name: 'Deploy board' })
    expect(screen.getByRole('region', { name: 'Everywhere' })).toBeDefined()
    expect(screen.queryByText('Elsewhere')).toBeNull()
  })

  it('is tested, and what the receiver said is on screen', async () => {
    const tested = delivery({ type: 'webhook.test', log: delivery().log })
    const { writes, user } = await open([webhook()], { 'POST /webhooks/w1/test': { json: tested } })
    await user.click(await screen.findByRole('button', { name: 'Test Deploy board' }))
    const card = screen.getByRole('region', { name: 'Deploy board' })
    expect(await within(card).findByText('The test was not delivered')).toBeDefined()
    expect(within(card).getByText('answered 500 in 12 ms')).toBeDefined()
    expect(within(card).getByText('<b>no</b>')).toBeDefined()
    expect(writes().map(({ path }) => path)).toEqual(['/webhooks/w1/test'])
  })

  it('is edited on the version that was seen; an address left empty stays', async () => {
    const { writes, user } = await open([webhook()], {
      'PUT /webhooks/w1': { json: webhook({ version: 4 }) },
    })
    await user.click(await screen.findByRole('button', { name: 'Edit Deploy board' }))
    await screen.findByText('Leave empty to keep https://board.example.com/…')
    await user.click(screen.getByRole('checkbox', { name: 'The kill switch was pulled' }))
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(writes()).toHaveLength(1))
    const [sent] = writes()
    expect(sent?.headers['if-match']).toBe('"3"')
    expect(webhookUpdateSchema.parse(sent?.body)).toEqual({
      name: 'Deploy board',
      events: ['share.changed', 'environment.rolled_back'],
      enabled: true,
    })
  })

  it('gets a new secret, shown once, that leaves no time to one that leaked', async () => {
    const rotated = { ...webhook({ version: 4 }), secret }
    const { writes, user } = await open([webhook()], { 'POST /webhooks/w1/rotate': { json: rotated } })
    await user.click(await screen.findByRole('button', { name: 'Edit Deploy board' }))
    const grace = await screen.findByRole('combobox', { name: 'The secret before goes on signing' })
    await user.selectOptions(grace, '0')
    await user.click(screen.getByRole('button', { name: 'New secret' }))
    await screen.findByText(secret)
    expect(writes()[0]).toMatchObject({ path: '/webhooks/w1/rotate', body: { graceHours: 0 } })
    expect(writes()[0]?.headers['if-match']).toBe('"3"')
  })

  it('has a log; what was given up is sent again', async () => {
    const { writes, user } = await open([webhook()], {
      'GET /webhooks/w1/deliveries': { json: { items: [delivery()], nextCursor: null } },
      'POST /deliveries/d1/redeliver': { json: delivery({ status: 'pending', nextTryAt: at }) },
    })
    await user.click(await screen.findByRole('button', { name: 'Log of Deploy board' }))
    const entry = await screen.findByRole('article', { name: /Maya moved the share of books/ })
    expect(within(entry).getByText('Given up')).toBeDefined()
    await user.click(within(entry).getByRole('button', { name: /Send again/ }))
    await waitFor(() => expect(writes().map(({ path }) => path)).toEqual(['/deliveries/d1/redeliver']))
  })

  it('that was disabled says why', async () => {
    await open([webhook({ enabled: false, disabledReason: 'The receiver answered 410: it is gone' })])
    expect(await screen.findByText('The receiver answered 410: it is gone')).toBeDefined()
  })
})

describe('who may not', () => {
  it('reads why, and nothing is asked for', async () => {
    const { calls } = await open([webhook()], {}, { everywhere: 'editor', environments: [] })
    await screen.findByText(/Needs the admin role in/)
    expect(calls.some(({ path }) => path === '/webhooks')).toBe(false)
  })
})
