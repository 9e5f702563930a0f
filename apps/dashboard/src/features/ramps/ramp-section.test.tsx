import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { planViewOf } from '@crossfade/contracts/ramp'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { planFrom } from '@crossfade/core/ramp/templates'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { judgement, rampDetail } from '../../testing/ramps.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { agentView } from '../../testing/views.ts'
import { RampSection } from './ramp-section.tsx'

const me = (role: string) => ({
  kind: 'user',
  id: 'u1',
  name: 'Maya',
  email: 'maya@example.com',
  access: { everywhere: role, environments: [] },
})
const target = { kind: 'mapping', id: 'books', name: 'books' } as const

async function open(
  ramp: RampDetail | null,
  answers: Parameters<typeof fakeApi>[0] = {},
  { role = 'admin' } = {},
) {
  const { calls } = fakeApi({
    'GET /session': { json: me(role) },
    'GET /ramps': { json: { items: ramp === null ? [] : [ramp], nextCursor: null } },
    'GET /changes': { json: { items: [], nextCursor: null } },
    'GET /guardrails': { json: { items: defaultGuardrails() } },
    'GET /templates': {
      json: {
        items: [
          {
            name: 'careful',
            title: 'Careful',
            words: 'In five stages.',
            plan: planViewOf(planFrom('careful')),
          },
        ],
      },
    },
    ...(ramp !== null && { [`GET /ramps/${ramp.id}`]: { json: ramp } }),
    ...answers,
  })
  const clock = manualClock(Date.parse('2023-11-14T22:13:20.000Z'))
  const socket = fakeSocket()
  renderScreen(<RampSection target={target} isThroughMember={false} />, { clock, socket })
  act(() =>
    socket.say({
      type: 'hello',
      now: clock.now(),
      version: '0.1.0',
      environmentId: 'default',
      epoch: 'e1',
      revision: 3,
      shares: [],
      agents: [agentView('edge-1')],
    }),
  )
  await waitFor(() => expect(screen.queryByText('Loading')).toBeNull(), { timeout: 10_000 })
  const writes = () => calls.filter(({ method, path }) => method !== 'GET' && path !== '/ramps/forecast')
  return { clock, writes, user: userEvent.setup() }
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('a ramp that runs', () => {
  it('says where it stands, what comes next, and counts the hold down', async () => {
    const { clock } = await open(rampDetail())
    const stages = within(screen.getByRole('list', { name: 'Stages' })).getAllByRole('listitem')
    expect(stages.map((stage) => stage.getAttribute('data-look'))).toEqual([
      'done',
      'active',
      'next',
      'later',
      'later',
    ])
    expect(stages[1]?.getAttribute('aria-current')).toBe('step')
    expect(stages[1]?.textContent).toContain('1 h 50 min to hold: moves on about')
    act(() => clock.advance(60_000))
    expect(stages[1]?.textContent).toContain('1 h 49 min to hold')
    expect(screen.getByText(/healthy for 10 min/)).toBeTruthy()
  })

  it('pauses with one press', async () => {
    const { user, writes } = await open(rampDetail(), { 'POST /ramps/r1/pause': { json: rampDetail() } })
    await user.click(await screen.findByRole('button', { name: 'Pause' }))
    await waitFor(() => expect(writes()).toHaveLength(1))
    expect(writes()[0]).toMatchObject({ path: '/ramps/r1/pause', body: {} })
  })

  it('advances early only with a reason, and names the stage it leaves', async () => {
    const { user, writes } = await open(rampDetail({}, { judgements: [judgement()] }), {
      'POST /ramps/r1/advance': { json: rampDetail() },
    })
    await user.click(await screen.findByRole('button', { name: 'Advance…' }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog.textContent).toContain('Say why it goes on already')
    await user.click(within(dialog).getByRole('button', { name: 'Advance to 25 %' }))
    expect(writes()).toEqual([])
    await user.type(within(dialog).getByRole('textbox', { name: /Reason/ }), 'the release waits')
    await user.click(within(dialog).getByRole('button', { name: 'Advance to 25 %' }))
    await waitFor(() =>
      expect(writes()[0]).toMatchObject({
        path: '/ramps/r1/advance',
        body: { leaving: 1, reason: 'the release waits' },
      }),
    )
  })

  it('keeps a refusal in front of whoever acted, in the words of the API', async () => {
    const refusal = {
      title: 'The ramp has left the stage this was meant for',
      status: 409,
      code: 'stage_left',
      detail: 'This was meant for stage 2 of 5 (5 %); the ramp is in stage 3 of 5 (25 %)',
    }
    const { user } = await open(rampDetail(), {
      'POST /ramps/r1/hold-longer': { status: 409, json: refusal },
    })
    await user.click(await screen.findByRole('button', { name: 'More acts on the ramp' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Hold longer…' }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Hold longer' }))
    expect(await within(dialog).findByText(refusal.detail)).toBeTruthy()
  })

  it('offers to ask others where leaving a stage takes an approval', async () => {
    const refusal = { title: 'This needs an approval', status: 409, code: 'approval_required' }
    const plan = planViewOf(planFrom('careful'))
    const gated = { ...plan, stages: plan.stages.map((stage) => ({ ...stage, gate: 'approval' as const })) }
    const { user } = await open(rampDetail({}, { plan: gated }), {
      'POST /ramps/r1/approve': { status: 409, json: refusal },
    })
    await user.click(await screen.findByRole('button', { name: 'More acts on the ramp' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Approve leaving…' }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Approve' }))
    expect(await within(dialog).findByRole('button', { name: 'Ask for approval…' })).toBeTruthy()
  })

  it('does not advance past a guardrail that fails, and says which', async () => {
    const failing = judgement({ verdict: 'fail', words: 'Errors 2.1 % on new, at most 0.6 % allowed' })
    const { user, writes } = await open(rampDetail({ waitsFor: 'guardrail' }, { judgements: [failing] }))
    const advance = await screen.findByRole('button', { name: 'Advance…' })
    await waitFor(() => expect(advance.getAttribute('aria-disabled')).toBe('true'))
    await user.click(advance)
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(writes()).toEqual([])
    await user.hover(advance)
    expect((await screen.findByRole('tooltip')).textContent).toContain('Errors fails')
  })

  it('is only looked at by those who may not run it, and says what it would take', async () => {
    const { user, writes } = await open(rampDetail(), {}, { role: 'viewer' })
    const pause = await screen.findByRole('button', { name: 'Pause' })
    await waitFor(() => expect(pause.getAttribute('aria-disabled')).toBe('true'))
    await user.click(pause)
    expect(writes()).toEqual([])
  })

  it('ticks an item of the stage by name', async () => {
    const plan = planViewOf(planFrom('checklist'))
    const ramp = rampDetail({ stage: 0, waitsFor: 'checklist' }, { plan })
    const { user, writes } = await open(ramp, { 'POST /ramps/r1/checklist': { json: ramp } })
    await waitFor(() => expect(screen.queryByText(/Waiting for your account/)).toBeNull())
    await user.click(screen.getByRole('checkbox', { name: /Support knows/ }))
    await waitFor(() =>
      expect(writes()[0]).toMatchObject({ body: { leaving: 0, itemId: 'support', done: true } }),
    )
  })
})

describe('what guardrails say', () => {
  it('stands in words, with the number, the limit and how sure it is, the worst first', async () => {
    const judgements = [
      judgement(),
      judgement({
        key: 'p95/books',
        name: 'Latency p95',
        verdict: 'fail',
        measured: 0.12,
        limit: 0.05,
        interval: { low: 0.06, high: 0.2 },
        words: 'Too many are slower than legacy',
      }),
    ]
    await open(rampDetail({}, { judgements }))
    const section = screen.getByRole('region', { name: 'Guardrails' })
    expect(section.textContent).toContain('1 fails, 1 passes')
    const cards = within(section).getAllByRole('listitem')
    expect(cards[0]?.textContent).toContain('Latency p95')
    expect(cards[0]?.textContent).toContain('new 12 % · surely between 6 % and 20 % · limit 5 %')
    expect(cards[1]?.textContent).toContain('rolls back when it fails')
  })

  it('says that legacy is worse, and that nobody is sent there automatically', async () => {
    await open(rampDetail({ waitsFor: 'legacy-health' }, { legacyIsWorse: 'Legacy fails 9 % of requests' }))
    expect(screen.getByText(/nobody is sent there automatically/)).toBeTruthy()
    expect(screen.getByText(/Legacy fails 9 % of requests\./)).toBeTruthy()
  })

  it('says when numbers are missing, and that they only hold', async () => {
    await open(rampDetail({ waitsFor: 'metrics' }))
    expect(screen.getByText(/never advance the ramp and never roll it back/)).toBeTruthy()
  })
})

describe('a ramp that was moved by hand', () => {
  it('says so, and goes on from here', async () => {
    const paused = rampDetail({ status: 'paused', pausedBy: 'hand-move', percent: 12, waitsFor: null })
    const { user, writes } = await open(paused, { 'POST /ramps/r1/resume-from-here': { json: paused } })
    expect(screen.getByText('Paused: the slider was moved by hand')).toBeTruthy()
    const resume = await screen.findByRole('button', { name: 'Resume' })
    await waitFor(() => expect(resume.getAttribute('aria-disabled')).toBe('true'))
    await user.click(screen.getByRole('button', { name: 'Resume from here' }))
    await waitFor(() => expect(writes()[0]).toMatchObject({ path: '/ramps/r1/resume-from-here' }))
  })
})

describe('before it starts', () => {
  it('says how long enough data takes at each stage, and in all', async () => {
    const hour = 3_600_000
    const forecast = {
      requestsPerSecond: 0.003,
      words: 'At about 12 requests an hour and 1 %, enough data in about 6 days; at 10 %, 14 h',
      stages: [
        { percent: 1, enoughDataMs: 144 * hour, atLeastMs: 144 * hour },
        { percent: 100, enoughDataMs: hour, atLeastMs: 24 * hour },
      ],
    }
    await open(rampDetail({ status: 'ready', stage: -1, percent: 0 }, { visits: [] }), {
      'POST /ramps/forecast': { json: forecast },
    })
    expect(await screen.findByText(forecast.words)).toBeTruthy()
    expect(screen.getByText('At least 1 %: 6 days, 100 %: 24 h; 7 days in all.')).toBeTruthy()
  })
})

describe('a mapping without a ramp', () => {
  const created = { 'POST /ramps': { status: 201, json: rampDetail() } }

  it('gets a copy of a template, edited before it is sent', async () => {
    const { user, writes } = await open(null, created)
    await user.click(await screen.findByRole('button', { name: 'Begin with Careful' }))
    const dialog = await screen.findByRole('dialog')
    const first = within(dialog).getAllByRole<HTMLInputElement>('textbox', { name: 'Share' })[0]
    if (first === undefined) throw new Error('no stage')
    await user.clear(first)
    await user.type(first, '2')
    await user.click(within(dialog).getByRole('button', { name: 'Create ramp' }))
    await waitFor(() => expect(writes()).toHaveLength(1))
    expect(writes()[0]?.body).toMatchObject({
      environmentId: 'default',
      target: { kind: 'mapping', id: 'books' },
      plan: { stages: [{ percent: 2 }, { percent: 5 }, { percent: 25 }, { percent: 50 }, { percent: 100 }] },
    })
  })

  it('tries a guardrail on what is stored before it guards anything', async () => {
    const trial = { fired: [], words: 'Would not have fired in the last 7 d' }
    const { user, writes } = await open(null, { 'POST /guardrails/trial': { json: trial } })
    await user.click(await screen.findByRole('button', { name: 'Begin with Careful' }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Edit Errors' }))
    await user.click(within(dialog).getByRole('button', { name: 'Try it on the last 7 days' }))
    expect(await within(dialog).findByText(trial.words)).toBeTruthy()
    const asked = writes().find(({ path }) => path === '/guardrails/trial')
    expect(asked?.body).toMatchObject({ mappingId: 'books', guardrail: { id: 'errors' } })
  })

  it('is not sent a plan that does not rise: the stage says so', async () => {
    const { user, writes } = await open(null, created)
    await user.click(await screen.findByRole('button', { name: 'Begin with Careful' }))
    const dialog = await screen.findByRole('dialog')
    const second = within(dialog).getAllByRole<HTMLInputElement>('textbox', { name: 'Share' })[1]
    if (second === undefined) throw new Error('no stage')
    await user.clear(second)
    await user.type(second, '0.5')
    await user.click(within(dialog).getByRole('button', { name: 'Create ramp' }))
    expect(
      (await within(dialog).findAllByText('Stages rise: 0.5 % is not above 1 %')).length,
    ).toBeGreaterThanOrEqual(1)
    expect(writes()).toEqual([])
  })
})
