import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { socketPair } from '@crossfade/testkit/socket-pair'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { eventually } from '@crossfade/testkit/eventually'
import { openLinkSocket } from './link-socket.ts'
import { agentsOf } from './rig-agents.ts'
import { openRig, startOfTime, type FakeAgent, type Rig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterEach(() => rig.disconnect())
afterAll(() => rig.close())

const { online } = agentsOf(() => rig)
const beat = JSON.stringify({
  type: 'heartbeat',
  at: startOfTime,
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
})
const flood = (frames: number) => (agent: FakeAgent) => {
  for (let frame = 0; frame < frames; frame++) agent.socket.send(beat)
}

describe('what a stranger sends', () => {
  it.each([
    ['text that is not JSON', (agent: FakeAgent) => agent.socket.send('}{'), 1008],
    ['an unknown frame', (agent: FakeAgent) => agent.socket.send('{"type":"gimme"}'), 1008],
    ['a poisoned object', (agent: FakeAgent) => agent.socket.send('{"type":"stats","__proto__":{}}'), 1008],
    [
      'PP-01: a key that reaches for prototypes',
      sends('{"type":"heartbeat","a":{"constructor":{"prototype":{}}}}'),
      1008,
    ],
    [
      'PP-01: 100 000 levels',
      sends(`{"type":"stats","batch":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      1008,
    ],
    ['PP-01: a key twice', sends('{"type":"ack","type":"stats"}'), 1008],
    [
      'PP-01: a number beyond all',
      sends('{"type":"overlay-ack","nonce":"n","revision":1e999,"running":null}'),
      1008,
    ],
    ['frames without end', flood(5_001), 1008],
    ['bytes', (agent: FakeAgent) => agent.socket.sendBinary(new Uint8Array(10)), 1008],
    [
      'a frame over the limit',
      (agent: FakeAgent) => agent.socket.send('x'.repeat(4 * 1024 * 1024 + 1)),
      1009,
    ],
  ])('ends that link only: %s', async (_what, send, code) => {
    const good = await online('good')
    const bad = await online('bad')
    send(bad)
    expect((await bad.ended()).code).toBe(code)
    good.beat({ running: good.running })
    await good.next('heartbeat-reply')
    expect(good.closed()).toBeNull()
  })
})

describe('what comes before the welcome', () => {
  it.each([
    ['a frame that is no hello', (agent: FakeAgent) => agent.beat(), /Say hello first/],
    ['text that is not JSON', sends('}{'), /not JSON/],
    ['bytes', (agent: FakeAgent) => agent.socket.sendBinary(new Uint8Array(10)), /Frames are text/],
    ['100 000 levels', sends(`{"type":"hello","name":${'['.repeat(100_000)}`), /./],
    [
      'a hello and more than can wait',
      (agent: FakeAgent) => {
        agent.hello()
        for (let frame = 0; frame < 20; frame++) agent.beat()
      },
      /Too many frames before the welcome/,
    ],
  ])('ends that link only: %s', async (_what, send, reason) => {
    const good = await online('good')
    const bad = rig.connect('stranger')
    await bad.accepted
    send(bad)
    expect((await bad.ended()).reason).toMatch(reason)
    good.beat({ running: good.running })
    await good.next('heartbeat-reply')
    expect(good.closed()).toBeNull()
  })
})

describe('a link', () => {
  it('takes many frames over a long time', async () => {
    const clock = manualClock(startOfTime)
    const [theirs, ours] = socketPair()
    let heard = 0
    let over: string | null = null
    openLinkSocket(ours, clock, { onFrame: () => heard++, onEnd: (reason) => (over = reason) })
    for (let round = 1; round <= 3; round++) {
      for (let frame = 0; frame < 4_000; frame++) theirs.send(beat)
      await eventually(() => heard === round * 4_000)
      clock.advance(5_000)
    }
    expect(over).toBeNull()
  })

  it('is cut when nobody reads what it says, for that would fill our memory', () => {
    const [, ours] = socketPair()
    let over: string | null = null
    const link = openLinkSocket(ours, manualClock(startOfTime), {
      onFrame: () => {},
      onEnd: (reason) => (over = reason),
    })
    ours.bufferedAmount = 64 * 1024 * 1024
    link.sendText('still fine')
    expect(over).toBeNull()
    ours.bufferedAmount = 66 * 1024 * 1024
    link.sendText('one too many')
    expect(over).toBe('does not read')
    expect(ours.readyState).toBe(3)
  })
})

function sends(text: string) {
  return (agent: FakeAgent) => agent.socket.send(text)
}
