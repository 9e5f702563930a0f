import { expect, it } from 'vitest'
import { client } from '../harness/client.ts'
import { until } from '../harness/program.ts'
import { headerValues } from './strict-parser.ts'
import { playScript, sleep } from './raw-exchange.ts'
import { echo } from './recording-origin.ts'
import { openScene } from './scene.ts'

const preStopMs = 1_500

it('DRN-01 finishes what is under way, takes more until balancers know, and says that connections end', async () => {
  const scene = await openScene({
    CROSSFADE_DRAIN_DELAY: String(preStopMs / 1_000),
    CROSSFADE_DRAIN_TIMEOUT: '10',
  })
  await scene.origin.reset({
    onComplete(exchange) {
      setTimeout(() => echo.onComplete?.(exchange), exchange.request.target.startsWith('/slow') ? 2_000 : 0)
    },
  })
  const ready = async () => (await fetch(`${scene.agent.adminUrl}/readyz`)).status
  const get = (path: string, close = false) =>
    playScript(scene.port, [`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`], {
      answers: 1,
      close,
      withinMs: 8_000,
    })
  try {
    expect(await ready()).toBe(200)
    const slow = Array.from({ length: 20 }, (_, i) => get(`/slow/${i}`, true))
    await until(
      '20 under way',
      () => scene.origin.connections.flatMap(({ parser }) => parser.requests).length === 20,
    )

    const stopped = performance.now()
    const exit = scene.agent.program.kill('SIGTERM')
    await until('not ready', async () => (await ready()) === 503, 1_000)
    expect(performance.now() - stopped).toBeLessThan(1_000)

    // Balancers go on sending for a while; every answer tells them to come on another connection next time.
    let taken = 0
    while (performance.now() - stopped < preStopMs - 500) {
      const { answers, closed } = await get(`/late/${taken}`, true)
      expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, `path=/late/${taken} len=0`]])
      expect(headerValues(answers[0]?.headers ?? [], 'connection')).toEqual(['close'])
      expect(closed).toBe(true)
      taken += 1
      await sleep(20)
    }
    expect(taken).toBeGreaterThan(3)

    for (const [i, heard] of (await Promise.all(slow)).entries()) {
      expect(heard.answers.map(({ status, body }) => [status, body])).toEqual([
        [200, `path=/slow/${i} len=0`],
      ])
      expect(headerValues(heard.answers[0]?.headers ?? [], 'connection')).toEqual(['close'])
    }
    expect(await exit).toBe(0)
    expect(performance.now() - stopped).toBeLessThan(preStopMs + 10_000)
  } finally {
    await scene.close()
  }
})

it('DRN-01b loses nothing of a load over two agents that restart behind a balancer', async () => {
  const scenes = await Promise.all([0, 1].map(() => openScene({ CROSSFADE_DRAIN_DELAY: '1' })))
  const asked = client(32)
  const [gone, stays] = scenes
  if (!gone || !stays) throw new Error('two agents are needed')
  try {
    let next = 0
    let draining = false
    const statuses: number[] = []
    const deadline = performance.now() + 3_000
    // A balancer that learns of the drain half a second late.
    const worker = async () => {
      while (performance.now() < deadline) {
        const scene = draining || next++ % 2 === 0 ? stays : gone
        statuses.push((await asked.ask(`${scene.agent.url}/x`)).status)
      }
    }
    const load = Promise.all(Array.from({ length: 16 }, worker))
    await sleep(500)
    const exit = gone.agent.program.kill('SIGTERM')
    await sleep(500)
    draining = true
    await load
    expect(await exit).toBe(0)
    expect(statuses.length).toBeGreaterThan(200)
    expect(statuses.filter((status) => status !== 200)).toEqual([])
  } finally {
    asked.close()
    await Promise.all(scenes.map((scene) => scene.close()))
  }
})
