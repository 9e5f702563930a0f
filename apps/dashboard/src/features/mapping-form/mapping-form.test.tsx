import {
  mappingCreateSchema,
  mappingInputSchema,
  mappingUpdateSchema,
  mappingViewSchema,
} from '@crossfade/contracts/api/mappings'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { emptyDraft, type MappingDraft } from './mapping-draft.ts'
import { MappingForm } from './mapping-form.tsx'
import { draftOfView } from './view-to-draft.ts'

const me = {
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: 'editor', environments: [] },
}
const stored = {
  environmentId: 'default',
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}
const mappingView = (more: object = {}) =>
  mappingViewSchema.parse({
    ...stored,
    ...mappingInputSchema.parse({
      name: 'books',
      owner: 'catalogue',
      match: { path: { kind: 'exact', path: '/books' } },
      legacy: { serviceId: 'old' },
      new: { serviceId: 'fresh' },
    }),
    id: 'books',
    shareVersion: 3,
    split: {
      kind: 'own',
      percent: 10,
      cohort: { id: 'c1', name: 'books' },
      identity: { kind: 'request' },
      missing: 'legacy',
    },
    pointOfNoReturn: false,
    lastChange: null,
    ...more,
  })
const service = (id: string) => ({
  ...stored,
  id,
  name: `books-${id}`,
  instances: ['http://127.0.0.1:4601'],
  health: null,
  timeouts: { connectMs: 1000, firstByteMs: 1000, idleMs: 1000 },
  pool: { connectionsPerInstance: 1 },
  tls: { verify: true, serverName: null },
})
const page = (items: unknown[]) => ({ json: { items, nextCursor: null } })
const nobodyMoves = { json: { overlaps: [], moves: [], isRaise: false } }
const lists = {
  'GET /session': { json: me },
  'GET /services': page([service('old'), service('fresh')]),
  'GET /groups': page([]),
  'GET /segments': page([]),
  'GET /cohorts': page([]),
}

function open(
  answers: Parameters<typeof fakeApi>[0],
  options: { draft?: Partial<MappingDraft>; mapping?: ReturnType<typeof mappingView> } = {},
) {
  const { calls } = fakeApi({ ...lists, ...answers })
  const { mapping = null } = options
  const draft = { ...(mapping === null ? emptyDraft() : draftOfView(mapping)), ...options.draft }
  renderScreen(
    <MappingForm
      environmentId="default"
      mapping={mapping}
      saved={{ draft, version: mapping?.version ?? null }}
      onReload={() => {}}
    />,
    { clock: manualClock(0), socket: fakeSocket() },
  )
  const sent = () => calls.filter(({ method, path }) => method !== 'GET' && path !== '/mappings/preview')
  return { calls, sent, user: userEvent.setup() }
}

// Growing text fields wait for fonts, which happy-dom does not have.
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true })

const filled: Partial<MappingDraft> = {
  name: 'Books',
  pathValue: '/books',
  legacy: { ...emptyDraft().legacy, serviceId: 'old' },
  new: { ...emptyDraft().new, serviceId: 'fresh' },
}

afterEach(() => {
  cleanup()
  window.sessionStorage.clear()
  vi.unstubAllGlobals()
})

describe('making a mapping', () => {
  it('says what is missing at each field and in a summary, and sends nothing', async () => {
    const { sent, user } = open({})
    await user.click(await enabled('Create mapping'))
    const summary = await screen.findByRole('alert')
    expect(
      within(summary)
        .getAllByRole('link')
        .map(({ textContent }) => textContent),
    ).toEqual([
      'Give the mapping a name',
      'Give a path',
      'Choose the service that answers today',
      'Choose the service that takes over',
    ])
    expect(describedBy(screen.getByRole('textbox', { name: 'Value' }))).toContain('Give a path')
    await user.click(within(summary).getByRole('link', { name: 'Give the mapping a name' }))
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Name' }))
    expect(sent()).toEqual([])
  })

  it('posts what the contract expects, from what was typed and chosen', async () => {
    const { sent, user } = open({
      'POST /mappings/preview': nobodyMoves,
      'POST /mappings': { status: 201, json: mappingView() },
    })
    await user.type(screen.getByRole('textbox', { name: 'Name' }), 'Books')
    await user.type(screen.getByRole('textbox', { name: 'Value' }), '/books')
    await choose(user, 'Service that answers today', 'books-old')
    await choose(user, 'Service that takes over', 'books-fresh')
    await user.click(await enabled('Create mapping'))
    await waitFor(() => expect(sent()).toHaveLength(1))
    const [call] = sent()
    expect(call).toMatchObject({ method: 'POST', path: '/mappings' })
    expect(mappingCreateSchema.parse(call?.body)).toMatchObject({
      name: 'Books',
      environmentId: 'default',
      match: { methods: [], host: null, path: { kind: 'prefix', path: '/books' } },
      legacy: { serviceId: 'old', host: { kind: 'client' } },
      new: { serviceId: 'fresh', host: { kind: 'service' } },
      split: { kind: 'own', cohortId: null },
      writes: { kind: 'with-share' },
    })
  })

  it('puts the control plane’s field errors on their fields until they are edited', async () => {
    const { user } = open(
      {
        'POST /mappings/preview': nobodyMoves,
        'POST /mappings': {
          status: 422,
          json: {
            title: 'The rewrite does not fit its match',
            status: 422,
            code: 'invalid_rewrite',
            detail: 'The rewrite does not fit its match',
            errors: [{ path: 'new.rewrite.path.template', message: 'The match has no parameter id' }],
          },
        },
      },
      {
        draft: {
          ...filled,
          new: { ...emptyDraft().new, serviceId: 'fresh', pathKind: 'template', pathValue: '/v3/:id' },
        },
      },
    )
    await user.click(await enabled('Create mapping'))
    const field = screen.getByRole('textbox', { name: 'Path to send' })
    await waitFor(() => expect(describedBy(field)).toContain('The match has no parameter id'))
    await user.type(field, 'x')
    expect(describedBy(field)).not.toContain('The match has no parameter id')
  })

  it('brings a draft back after a reload and can discard it', async () => {
    const first = open({}, {})
    await first.user.type(screen.getByRole('textbox', { name: 'Name' }), 'Half a name')
    cleanup()
    const { user } = open({}, {})
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Name' }).value).toBe('Half a name')
    await user.click(screen.getByRole('button', { name: 'Discard it' }))
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Name' }).value).toBe('')
    expect(window.sessionStorage.length).toBe(0)
  })
})

describe('editing a mapping', () => {
  const moving = {
    json: {
      isRaise: false,
      overlaps: [],
      moves: [
        {
          mappingId: 'books',
          name: 'books',
          intervals: [{ from: 0, to: 500, fromSide: 'legacy', toSide: 'new' }],
          percentToNew: 5,
          percentToLegacy: 0,
          reshuffled: false,
        },
      ],
    },
  }

  it('asks for a tick when people would move, and says so to the control plane', async () => {
    const { sent, user } = open(
      { 'POST /mappings/preview': moving, 'PUT /mappings/books': { json: mappingView({ version: 2 }) } },
      { mapping: mappingView() },
    )
    const tick = await screen.findByRole('checkbox', { name: 'I have seen who would move' })
    const save = screen.getByRole('button', { name: 'Save mapping' })
    expect(save.getAttribute('aria-disabled')).toBe('true')
    await user.click(save)
    expect(sent()).toEqual([])
    await user.click(tick)
    await user.click(await enabled('Save mapping'))
    await waitFor(() => expect(sent()).toHaveLength(1))
    expect(mappingUpdateSchema.parse(sent()[0]?.body).confirmMoves).toBe(true)
    expect(sent()[0]?.headers['if-match']).toBe('"1"')
  })

  it('names who was faster, and applies mine on top when asked to', async () => {
    const conflict = {
      title: 'Somebody changed this since you loaded it',
      status: 409,
      code: 'version_conflict',
      detail: 'Somebody changed this since you loaded it',
      currentVersion: 9,
      by: 'Jon',
      at: '2026-01-01T00:00:00.000Z',
      from: { owner: 'catalogue' },
      to: { owner: 'shop' },
    }
    const { sent, user } = open(
      {
        'POST /mappings/preview': nobodyMoves,
        'PUT /mappings/books': [{ status: 409, json: conflict }, { json: mappingView({ version: 10 }) }],
      },
      { mapping: mappingView() },
    )
    await user.click(await enabled('Save mapping'))
    const dialog = await screen.findByRole('dialog', { name: /Jon saved this while you were editing/ })
    expect(within(dialog).getByRole('row', { name: /owner catalogue shop/ })).toBeTruthy()
    await user.click(within(dialog).getByRole('button', { name: 'Apply mine' }))
    await waitFor(() => expect(sent()).toHaveLength(2))
    expect(sent().map(({ headers }) => headers['if-match'])).toEqual(['"1"', '"9"'])
  })
})

async function enabled(name: string): Promise<HTMLElement> {
  return await waitFor(() => {
    const button = screen.getByRole('button', { name })
    expect(button.getAttribute('aria-disabled')).toBeNull()
    return button
  })
}

async function choose(user: ReturnType<typeof userEvent.setup>, label: string, option: string) {
  await user.click(screen.getByRole('combobox', { name: label }))
  const options = await screen.findAllByRole('option', { name: option, hidden: true })
  const shown = options.find((one) => one.closest('[style*="display: none"]') === null) ?? options[0]
  if (shown === undefined) throw new Error(`no option ${option}`)
  await user.click(shown)
}

function describedBy(field: HTMLElement): string {
  return (field.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent ?? '')
    .join(' ')
}
