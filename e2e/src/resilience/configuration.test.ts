import { readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Snapshot } from '@crossfade/core/model'
import { aMapping, aMatch } from '@crossfade/testkit/builders'
import { sealedSnapshot } from '@crossfade/testkit/signed-snapshot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { client, type Client } from '../harness/client.ts'
import { adminToken, runningOn } from '../harness/house.ts'
import { scriptedControl } from '../harness/scripted-control.ts'
import { until } from '../harness/program.ts'
import { recordingService, type RecordingService } from '../harness/recording-service.ts'
import { openStage, snapshotOf, type Stage } from './stage.ts'

let legacy: RecordingService
let next: RecordingService
let stage: Stage
let asked: Client
beforeEach(async () => {
  ;[legacy, next] = await Promise.all([recordingService('legacy'), recordingService('new')])
  asked = client()
  stage = await openStage(at(5))
  await until('revision 5', async () => (await runningOn(stage.agent)) === 5)
})
afterEach(async () => {
  asked.close()
  await stage.close()
  await Promise.all([legacy.close(), next.close()])
})

const at = (revision: number, parts: { share?: number } = {}) =>
  snapshotOf({ legacyUrl: legacy.url, newUrl: next.url, revision, ...parts })
const ask = () => asked.ask(`${stage.agent.url}/books/1`)

/** Asks all the time; tells what was not 200 from new. */
function traffic() {
  const wrong: string[] = []
  let requests = 0
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      const { status, servedBy } = await ask().catch((error: Error) => ({
        status: 0,
        servedBy: error.message,
      }))
      requests += 1
      if (status !== 200 || servedBy !== 'new') wrong.push(`${status} ${servedBy}`)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await done
      return { requests, wrong }
    },
  }
}

describe('configuration on its way to an agent', () => {
  it('CFG-01: is acknowledged with its revision and hash, applied and then persisted', async () => {
    const ack = await stage.control.push(at(6))
    expect(ack).toMatchObject({ type: 'ack', stage: 'applied', running: { revision: 6 } })
    await until('persisted', () =>
      stage.control.heard.some(
        (message) =>
          message.type === 'ack' && message.stage === 'persisted' && message.running.revision === 6,
      ),
    )
  })

  it('CFG-02 and CFG-03: is refused whole when invalid, traffic goes on, and the next one is taken', async () => {
    const load = traffic()
    const good = at(6)
    const mapping = good.mappings[0] ?? aMapping()
    const bad: Snapshot[] = [
      {
        ...good,
        mappings: [{ ...mapping, match: aMatch({ kind: 'regex', pattern: '(?=a)b', position: 0 }) }],
      },
      { ...good, mappings: [{ ...mapping, new: { ...mapping.new, serviceId: 'nobody' } }] },
      { ...good, mappings: [mapping, mapping] },
      { ...good, services: good.services.map((service) => ({ ...service, instances: [] })) },
    ]
    for (const snapshot of bad) {
      const nack = await stage.control.push(snapshot)
      expect(nack).toMatchObject({ type: 'nack', running: { revision: 5 } })
      expect(nack.type === 'nack' && nack.errors[0]?.message.length).toBeGreaterThan(5)
    }
    expect(await stage.control.push(at(7))).toMatchObject({ type: 'ack', running: { revision: 7 } })
    const { requests, wrong } = await load.stop()
    expect(wrong).toEqual([])
    expect(requests).toBeGreaterThan(3)
  })

  it('CFG-04: is refused when one byte, the hash or the signature is not what was signed', async () => {
    const { signer } = stage.control
    const whole = sealedSnapshot(at(6), signer)
    const [first, ...rest] = whole.entries
    const other = sealedSnapshot(at(6), signer, { hash: '0'.repeat(64) })
    const broken = {
      byte: {
        ...whole,
        entries: [{ ...first!, bytes: first!.bytes.replace('default', 'defualt') }, ...rest],
      },
      hash: other,
      signature: {
        ...whole,
        signature: `${whole.signature.startsWith('A') ? 'B' : 'A'}${whole.signature.slice(1)}`,
      },
      header: { ...whole, header: whole.header.replace('"revision":6', '"revision":9') },
    }
    for (const [nonce, snapshot] of Object.entries(broken)) {
      stage.control.say({ type: 'snapshot', nonce, snapshot })
      expect(await stage.control.answerTo(nonce)).toMatchObject({
        type: 'nack',
        phase: 'integrity',
        running: { revision: 5 },
      })
    }
    expect(await runningOn(stage.agent)).toBe(5)
  })

  it('(j) is refused when it is old and arrives late, and changes nothing', async () => {
    await stage.control.push(at(8))
    expect(await stage.control.push(at(6, { share: 0 }))).toMatchObject({ type: 'nack', phase: 'stale' })
    expect((await ask()).servedBy).toBe('new')
    expect(await runningOn(stage.agent)).toBe(8)
  })

  it('CFG-06: is taken in order: older ones are stale, the same again is acknowledged, other content conflicts', async () => {
    await stage.control.push(at(8))
    expect(await stage.control.push(at(7))).toMatchObject({ type: 'nack', phase: 'stale' })
    expect(await stage.control.push(at(8))).toMatchObject({ type: 'ack', running: { revision: 8 } })
    expect(await stage.control.push(at(8, { share: 0 }))).toMatchObject({ type: 'nack', phase: 'conflict' })
    expect((await ask()).servedBy).toBe('new')
  })

  it('CFG-07: is refused when most mappings are gone and nobody deleted them', async () => {
    const many = (revision: number, count: number): Snapshot => ({
      ...at(revision),
      mappings: Array.from({ length: count }, (_, i) =>
        aMapping({ id: `m${i}`, name: `m${i}`, match: aMatch(`/m/${i}`) }),
      ),
    })
    expect(await stage.control.push(many(6, 40))).toMatchObject({ type: 'ack' })
    expect(await stage.control.push(many(7, 5))).toMatchObject({ type: 'nack', phase: 'shrunken' })
    const deleted = sealedSnapshot(many(8, 5), stage.control.signer, { mappingsDeleted: 35 })
    stage.control.say({ type: 'snapshot', nonce: 'deleted', snapshot: deleted })
    expect(await stage.control.answerTo('deleted')).toMatchObject({ type: 'ack', running: { revision: 8 } })
  })
})

describe('configuration on disk', () => {
  /** Stops the agent once two revisions are on disk. */
  async function stopped() {
    await stage.control.push(at(6))
    await until('persisted', () =>
      stage.control.heard.some(
        (message) =>
          message.type === 'ack' && message.stage === 'persisted' && message.running.revision === 6,
      ),
    )
    await stage.agent.program.kill()
    stage.control.greetWith(null)
    const file = (name: string) => path.join(stage.agent.stateDir, name)
    return { current: file('current.json'), previous: file('previous.json') }
  }
  const damage: Readonly<Record<string, (file: string) => Promise<void>>> = {
    truncated: (file) => truncate(file, 200),
    'with one bit flipped': async (file) => {
      const bytes = await readFile(file)
      bytes[Math.floor(bytes.length / 2)]! ^= 1
      await writeFile(file, bytes)
    },
    'filled with zeros': async (file) => writeFile(file, Buffer.alloc((await readFile(file)).length)),
  }
  const restart = () => stage.house.startAgent('staged', { ...stage.control.agentEnv }, stage.agent)

  it.each(Object.entries(damage))(
    'CFG-09: falls back to the one before when %s, and says so',
    async (_how, harm) => {
      const { current } = await stopped()
      await harm(current)
      stage.agent = await restart()
      expect(await runningOn(stage.agent)).toBe(5)
      expect((await ask()).servedBy).toBe('new')
      const page = await fetch(`${stage.agent.adminUrl}/readyz?verbose`, {
        headers: { authorization: `Bearer ${adminToken}` },
      })
      expect(await page.text()).toMatch(/"warnings":\["/)
    },
  )

  it('CFG-09: is not ready without any, keeps running and trying, and takes what comes', async () => {
    const { current, previous } = await stopped()
    for (const file of [current, previous]) await writeFile(file, 'nonsense')
    const starting = restart()
    const { adminUrl, url } = stage.agent
    await until('an answer', async () => (await fetch(`${adminUrl}/readyz`)).status === 503)
    expect((await fetch(`${url}/books/1`)).status).toBe(503)
    await until('a link', () => stage.control.hellos.length >= 2)
    await stage.control.push(at(9))
    stage.agent = await starting
    expect((await ask()).servedBy).toBe('new')
  })
})

describe('a control plane that goes away', () => {
  it('CFG-10: fails no request, and agents find their way back', async () => {
    const { control } = stage
    const load = traffic()
    const port = Number(new URL(control.url).port)
    await control.close()
    const names = Array.from({ length: 5 }, (_, i) => `more-${i}`)
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    const back = await scriptedControl(port, control.signer)
    back.greetWith(at(9))
    await Promise.all(names.map((name) => stage.house.startAgent(name, { ...control.agentEnv })))
    await until('all agents back', () => back.hellos.length >= 6, 40_000)
    await until('the newest revision', async () => (await runningOn(stage.agent)) === 9)
    const { requests, wrong } = await load.stop()
    expect(wrong).toEqual([])
    expect(requests).toBeGreaterThan(100)
    await back.close()
  })
})
