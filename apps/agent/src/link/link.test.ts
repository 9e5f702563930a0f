import type { FromAgent, ToAgent } from '@crossfade/contracts/link'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { seededRandom } from '@crossfade/testkit/seeded-random'
import { describe, expect, it } from 'vitest'
import { quiet } from '../config/configuration-rig.ts'
import { createLink, type LinkPeer } from './link.ts'
import { manualDial } from './manual-socket.ts'

describe('a link', () => {
  it('greets, is up after the welcome, and beats every ten seconds', async () => {
    const { link, dial, clock } = await started()
    expect(link.state().kind).toBe('dialing')
    dial.last().greet()
    expect(link.state().kind).toBe('up')
    expect(dial.last().sent.map(({ type }) => type)).toEqual(['hello', 'heartbeat'])
    clock.advance(10_000)
    dial.last().say(reply)
    clock.advance(10_000)
    expect(dial.last().ofType('heartbeat')).toHaveLength(3)
  })

  it('sends nothing for others before it is up', async () => {
    const { link, dial } = await started()
    expect(link.send(aStatsMessage)).toBe(false)
    dial.last().greet()
    expect(link.send(aStatsMessage)).toBe(true)
  })

  it('is dead after 25 seconds of silence, and dials again', async () => {
    const { dial, clock } = await started()
    dial.last().greet()
    clock.advance(24_999)
    expect(dial.last().isTerminated()).toBe(false)
    clock.advance(1)
    expect(dial.sockets[0]?.isTerminated()).toBe(true)
    clock.advance(500)
    expect(dial.sockets).toHaveLength(2)
  })

  it('gives up a dial that never opens', async () => {
    const { dial, clock } = await started()
    clock.advance(25_000)
    expect(dial.last().isTerminated()).toBe(true)
  })

  it('closes without a leak of timers', async () => {
    const { link, dial, clock } = await started()
    dial.last().greet()
    await link.stop()
    expect(dial.last().closedWith()).toBe(1001)
    dial.last().drop()
    expect(clock.pending()).toBe(0)
    expect(dial.sockets).toHaveLength(1)
  })

  it('does not wait for a control plane that will not say goodbye', async () => {
    const { link, dial, clock } = await started()
    dial.last().greet()
    await link.stop()
    clock.advance(1000)
    expect(dial.last().isTerminated()).toBe(true)
    expect(clock.pending()).toBe(0)
  })
})

describe('coming back', () => {
  it('waits between nothing and a bound that doubles to 30 seconds', async () => {
    const waits: number[] = []
    const { dial, clock } = await started({ random: () => 0.999_999 })
    for (let i = 0; i < 9; i++) {
      const before = clock.now()
      const dialed = dial.sockets.length
      dial.last().drop()
      while (dial.sockets.length === dialed) clock.advance(100)
      waits.push(clock.now() - before)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('spreads a thousand agents over the whole time', async () => {
    const late: number[] = []
    for (let i = 0; i < 1000; i++) {
      const { dial, clock } = await started({ random: () => i / 1000 })
      dial.last().drop()
      clock.advance(250)
      if (dial.sockets.length === 1) late.push(i)
    }
    expect(late.length).toBeGreaterThan(480)
    expect(late.length).toBeLessThan(520)
  })

  it('CFG-10: tries for an hour, and fifty agents do not come back in one crowd', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = seededRandom(seed)
    const fleet = await Promise.all(Array.from({ length: 50 }, () => started({ random })))
    const hour = 3_600_000
    const fiveSeconds = 5_000
    let attempts = 0
    for (const { dial, clock } of fleet) {
      dial.last().drop()
      for (let at = 0, seen = 1; at < hour; at += 100) {
        clock.advance(100)
        if (dial.sockets.length === seen) continue
        seen = dial.sockets.length
        attempts += 1
        dial.last().drop()
      }
    }
    expect(attempts, `seed ${seed}`).toBeGreaterThan(1_000)

    const crowds = [0, 0, 0, 0, 0, 0]
    for (const { dial, clock, link } of fleet) {
      const before = dial.sockets.length
      let waited = 0
      for (; dial.sockets.length === before && waited < 30_000; waited += 100) clock.advance(100)
      dial.last().greet()
      expect(link.state().kind).toBe('up')
      const window = Math.min(5, Math.floor(waited / fiveSeconds))
      crowds[window] = (crowds[window] ?? 0) + 1
    }
    const usual = (attempts / hour) * fiveSeconds
    expect(Math.max(...crowds), `seed ${seed}: ${crowds.join(' ')}`).toBeLessThanOrEqual(2 * usual)
  })

  it('starts at the bottom again only after a link that lived for a heartbeat', async () => {
    const { dial, clock } = await started({ random: () => 1 })
    dial.last().drop()
    clock.advance(500)
    dial.last().greet()
    dial.last().drop()
    clock.advance(999)
    expect(dial.sockets).toHaveLength(2)
    clock.advance(1)
    dial.last().greet()
    clock.advance(10_000)
    dial.last().say(reply)
    dial.last().drop()
    clock.advance(500)
    expect(dial.sockets).toHaveLength(4)
  })

  it('asks slowly while it is refused', async () => {
    const { link, dial, clock } = await started({ random: () => 0 })
    dial.last().drop(401)
    expect(link.state()).toMatchObject({ kind: 'down', why: 'Dropped' })
    clock.advance(14_999)
    expect(dial.sockets).toHaveLength(1)
    clock.advance(1)
    expect(dial.sockets).toHaveLength(2)
    dial.last().drop(401)
    clock.advance(15_000)
    dial.last().greet()
    expect(link.state().kind).toBe('up')
  })
})

describe('a control plane that misbehaves', () => {
  const frames: [string, string][] = [
    ['no JSON', 'hello'],
    ['an unknown type', '{"type":"dance"}'],
    ['a prototype key', '{"__proto__":{},"type":"watch","mappingIds":[]}'],
    ['unknown fields', '{"type":"watch","mappingIds":[],"more":1}'],
    [
      'a second welcome',
      JSON.stringify({
        type: 'welcome',
        agentId: 'a',
        environmentId: 'b',
        now: 1,
        keys: [{ publicKey: 'AAAA', signature: null }],
      }),
    ],
  ]
  it.each(frames)('is left when it sends %s, and dialed again', async (_, frame) => {
    const { link, dial, clock, received } = await started()
    dial.last().greet()
    dial.last().events.onText(frame)
    expect(dial.last().closedWith()).toBe(1008)
    dial.last().say(reply)
    expect(received).toEqual([])
    clock.advance(1000)
    expect(dial.sockets[0]?.isTerminated()).toBe(true)
    clock.advance(500)
    dial.last().greet()
    expect(link.state().kind).toBe('up')
  })

  it('is left when it speaks before the welcome, sends binary, or shows a key we do not trust', async () => {
    const first = await started()
    first.dial.last().events.onOpen()
    first.dial.last().say(reply)
    expect(first.dial.last().closedWith()).toBe(1008)

    const second = await started()
    second.dial.last().greet()
    second.dial.last().events.onGarbage('A binary frame')
    expect(second.dial.last().closedWith()).toBe(1008)

    const third = await started({ isTrusted: false })
    third.dial.last().greet()
    expect(third.dial.last().closedWith()).toBe(1008)
    expect(third.dial.last().ofType('heartbeat')).toEqual([])
  })

  it('does not end the agent when a frame cannot be handled', async () => {
    const { dial } = await started({
      receive: () => {
        throw new Error('A bug')
      },
    })
    dial.last().greet()
    dial.last().say(reply)
    expect(dial.last().closedWith()).toBe(1008)
  })
})

const reply: ToAgent = { type: 'heartbeat-reply', echo: 0, now: 0, auditCheckpoint: null }
const aStatsMessage: FromAgent = { type: 'stats', batch: { boot: 'b', seq: 1, windows: [], lostWindows: 0 } }

async function started(
  options: { random?: () => number; isTrusted?: boolean; receive?: (message: ToAgent) => void } = {},
) {
  const clock = manualClock(1_000_000)
  const dial = manualDial()
  const received: ToAgent[] = []
  const peer: LinkPeer = {
    hello: () => ({
      type: 'hello',
      protocol: 1,
      name: 'test',
      boot: 'boot',
      version: '0',
      running: null,
      source: 'none',
      emergencies: [],
    }),
    heartbeat: () => ({
      type: 'heartbeat',
      at: clock.now(),
      running: null,
      overlayRevision: null,
      emergencies: [],
      connections: 0,
      inFlight: 0,
      requestsPerSecond: 0,
      eventLoopDelayMs: 0,
      draining: false,
      health: {},
      warnings: [],
    }),
    welcome: () => options.isTrusted ?? true,
    up: () => {},
    receive: options.receive ?? ((message) => received.push(message)),
  }
  const link = createLink({
    dial: dial.dial,
    peer,
    clock,
    random: options.random ?? (() => 0.5),
    logger: quiet,
  })
  await link.start()
  return { link, dial, clock, received }
}
