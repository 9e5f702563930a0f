import { expect } from 'vitest'
import type { Expected, HttpCase, Outcome } from './case.ts'
import { playScript, sleep } from './raw-exchange.ts'
import { CANARY, echo, type OriginConnection } from './recording-origin.ts'
import type { Scene } from './scene.ts'

const PATIENCE_MS = 10_000

/** Plays a case and holds it to the four checks every case is held to, then to its own expectation. */
export async function runCase(
  scene: Scene,
  { id, send, origin = echo, expect: expected }: HttpCase,
): Promise<void> {
  await Promise.all([scene.origin.reset(origin), scene.admin.reset(echo)])
  const heard = await playScript(scene.port, send, {
    answers: expected.answers.length,
    close: expected.closes === true,
    withinMs: expected.withinMs ?? PATIENCE_MS,
  })
  const outcome: Outcome = {
    ...heard,
    upstream: [...scene.origin.connections],
    admin: [...scene.admin.connections],
    endedAt: performance.now(),
  }
  try {
    await checkUniversally(scene)
    await checkOwn(outcome, expected)
  } catch (error) {
    const story = {
      heard: heard.text.slice(0, 1500),
      closed: heard.closed,
      upstream: storyOf(outcome.upstream),
    }
    throw new Error(`${id}: ${(error as Error).message}\n${JSON.stringify(story, null, 2)}`, { cause: error })
  }
}

/** Strict upstream, nothing smuggled, and a stranger still gets an answer of their own. */
export async function checkUniversally(scene: Pick<Scene, 'port' | 'origin' | 'admin'>): Promise<void> {
  const canary = `GET ${CANARY} HTTP/1.1\r\nHost: t\r\n\r\n`
  const heard = await playScript(scene.port, [canary], { answers: 1, close: false, withinMs: 5_000 })
  expect(
    heard.answers.map(({ status, body }) => [status, body]),
    'canary',
  ).toEqual([[200, `path=${CANARY} len=0`]])
  expect(heard.rest, 'bytes after the canary').toBe('')
  for (const { parser } of [...scene.origin.connections, ...scene.admin.connections]) {
    expect(parser.violation, 'strict parser').toBeNull()
    const smuggled = parser.requests.filter(({ target }) => target.includes('smuggled'))
    expect(smuggled, 'smuggled').toEqual([])
  }
}

async function checkOwn(outcome: Outcome, expected: Expected): Promise<void> {
  const { answers, closed } = outcome
  if (!(expected.bareCloseToo === true && closed && outcome.text === '')) {
    expect(
      answers.map(({ status }) => status),
      'statuses',
    ).toHaveLength(expected.answers.length)
    expected.answers.forEach((status, i) =>
      expect([status].flat(), `answer ${i}`).toContain(answers[i]?.status),
    )
    expect(outcome.rest, 'bytes after the last answer').toBe('')
  }
  if (expected.closes !== undefined) expect(closed, 'connection closed').toBe(expected.closes)

  const begun = requestsAt(outcome.upstream)
  expect(begun.filter(({ complete }) => complete).length, 'whole requests upstream').toBe(expected.upstream)
  expect(begun.length, 'heads upstream').toBeLessThanOrEqual(expected.begun ?? expected.upstream)
  for (const { parser, socket } of outcome.upstream) {
    const unfinished = parser.requests.some(({ complete }) => !complete)
    if (!unfinished || expected.begun === undefined) continue
    for (let i = 0; i < 200 && !socket.readableEnded && !socket.destroyed; i++) await sleep(10)
    expect(socket.readableEnded || socket.destroyed, 'broken request ended upstream').toBe(true)
  }
  expected.also?.(outcome)
}

/** All requests of these connections but the canary's. */
export function requestsAt(connections: readonly OriginConnection[]) {
  return connections.flatMap(({ parser }) => parser.requests).filter(({ target }) => target !== CANARY)
}

function storyOf(connections: readonly OriginConnection[]) {
  return connections.map(({ parser, closedAt }) => ({
    requests: parser.requests.map(({ body, ...rest }) => ({ ...rest, body: body.slice(0, 200) })),
    violation: parser.violation,
    closed: closedAt !== null,
  }))
}
