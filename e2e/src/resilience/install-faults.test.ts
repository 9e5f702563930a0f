import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Snapshot } from '@crossfade/core/model'
import { sealedOverlay } from '@crossfade/testkit/signed-snapshot'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { client, type Client } from '../harness/client.ts'
import { adminToken, runningOn } from '../harness/house.ts'
import { until } from '../harness/program.ts'
import { recordingService, type RecordingService } from '../harness/recording-service.ts'
import { STEPS_BEFORE, STEPS_OF_FOLLOWERS, STEPS_ON_DISK } from './install-steps.ts'
import { openStage, snapshotOf, type Stage } from './stage.ts'

/** Legacy and new as they are, and others in their place. */
let [legacy, next, otherLegacy, otherNew]: RecordingService[] = []
let folder: string
let stage: Stage
let asked: Client
let revision = 1

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cf-broken-'))
  await breakStep('')
  ;[legacy, next, otherLegacy, otherNew] = await Promise.all(
    ['legacy', 'new', 'other legacy', 'other new'].map((name) => recordingService(name)),
  )
  asked = client()
  const hooks = new URL('break-install.ts', import.meta.url).href
  stage = await openStage(
    good(),
    { NODE_OPTIONS: `--import=${hooks}`, BROKEN_STEP: brokenStep() },
    'apps/agent/src/main.ts',
  )
})
beforeEach(() => breakStep(''))
afterAll(async () => {
  asked.close()
  await stage.close()
  await Promise.all([legacy, next, otherLegacy, otherNew].map(async (service) => service?.close()))
  await rm(folder, { recursive: true })
})

const brokenStep = () => path.join(folder, 'step')
const breakStep = (name: string) => writeFile(brokenStep(), name)
const urlOf = (service: RecordingService | undefined) => service?.url ?? ''

/** Everybody on new. */
function good(): Snapshot {
  return snapshotOf({ legacyUrl: urlOf(legacy), newUrl: urlOf(next), revision })
}

/** Everything differs: share, addresses, health checks. */
function other(): Snapshot {
  const snapshot = snapshotOf({
    legacyUrl: urlOf(otherLegacy),
    newUrl: urlOf(otherNew),
    revision,
    share: 0,
  })
  const health = { path: '/health', intervalMs: 60_000, timeoutMs: 500, healthyAfter: 1, unhealthyAfter: 3 }
  return { ...snapshot, services: snapshot.services.map((service) => ({ ...service, health })) }
}

const push = (make: () => Snapshot) => {
  revision += 1
  return stage.control.push(make())
}
const servedBy = async () => {
  const answers = await Promise.all(
    ['/books/1', '/elsewhere'].map((where) => asked.ask(`${stage.agent.url}${where}`)),
  )
  return answers.map((answer) => `${answer.status} ${answer.servedBy}`)
}
const GOOD = ['200 new', '200 legacy']
const OTHER = ['200 other legacy', '200 other legacy']

async function warnings(): Promise<string> {
  const page = await fetch(`${stage.agent.adminUrl}/readyz?verbose`, {
    headers: { authorization: `Bearer ${adminToken}` },
  })
  return JSON.stringify(((await page.json()) as { warnings: unknown }).warnings)
}

const isPersisted = (at: number) =>
  stage.control.heard.some(
    (message) => message.type === 'ack' && message.stage === 'persisted' && message.running.revision === at,
  )

describe('CFG-05: a configuration that breaks while it is installed', () => {
  it.each(STEPS_BEFORE)('CFG-05: changes nothing when it breaks at: $name', async ({ name }) => {
    expect(await push(good)).toMatchObject({ type: 'ack' })
    expect(await servedBy()).toEqual(GOOD)
    const before = revision
    const links = stage.control.hellos.length
    await breakStep(name)
    const nack = await push(other)
    expect(nack).toMatchObject({ type: 'nack', phase: 'apply', running: { revision: before } })
    expect(JSON.stringify(nack)).toContain(`Broken on purpose: ${name}`)
    expect(await runningOn(stage.agent)).toBe(before)
    expect(await servedBy()).toEqual(GOOD)
    expect(await warnings()).toContain(`A snapshot was refused (apply): : Broken on purpose: ${name}`)

    await breakStep('')
    expect(await servedBy()).toEqual(GOOD)
    expect(await push(other)).toMatchObject({ type: 'ack', running: { revision } })
    expect(await servedBy()).toEqual(OTHER)
    expect(await warnings()).toBe('[]')
    expect(stage.control.hellos).toHaveLength(links)
  })

  it.each(STEPS_OF_FOLLOWERS)(
    'CFG-05: is in force, with an alarm, when what follows it breaks at: $name',
    async ({ name }) => {
      await push(good)
      await breakStep(name)
      expect(await push(other)).toMatchObject({ type: 'ack', running: { revision } })
      expect(await servedBy()).toEqual(OTHER)
      expect(await warnings()).toContain(`did not follow the configuration: Broken on purpose: ${name}`)
      await breakStep('')
      await push(good)
      expect(await servedBy()).toEqual(GOOD)
      expect(await warnings()).toBe('[]')
    },
  )

  it.each(STEPS_ON_DISK)(
    'CFG-05: is in force, with an alarm, when it cannot be kept: $name',
    async ({ name }) => {
      await push(good)
      await until('persisted', () => isPersisted(revision))
      await breakStep(name)
      const lost = revision + 1
      expect(await push(other)).toMatchObject({ type: 'ack', running: { revision: lost } })
      expect(await servedBy()).toEqual(OTHER)
      await until('an alarm', async () =>
        (await warnings()).includes('The state directory cannot be written'),
      )
      expect(isPersisted(lost)).toBe(false)
      await breakStep('')
      await push(good)
      await until('persisted', () => isPersisted(revision))
      expect(await servedBy()).toEqual(GOOD)
      expect(await warnings()).toBe('[]')
    },
  )

  it('CFG-05: a roll back that breaks is refused whole, and the next is taken', async () => {
    await push(good)
    const rollBack = (nonce: string) => {
      revision += 1
      const { environment, epoch } = good()
      const overlay = {
        environmentId: environment.id,
        epoch,
        revision,
        mappingIds: good().mappings.map(({ id }) => id),
        groupIds: [],
      }
      stage.control.say({ type: 'overlay', nonce, signed: sealedOverlay(overlay, stage.control.signer) })
    }
    await breakStep('laying overlays')
    rollBack('broken')
    expect(await stage.control.answerTo('broken')).toMatchObject({ type: 'nack' })
    expect(await servedBy()).toEqual(GOOD)
    await breakStep('')
    rollBack('whole')
    await until('rolled back', async () => (await servedBy()).join() === '200 legacy,200 legacy')
    await push(good)
    expect(await servedBy()).toEqual(GOOD)
  })
})
