import { everywhere } from '@crossfade/contracts/roles'
import { once } from 'node:events'
import { connect } from 'node:net'
import { z } from 'zod'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { client, type Client } from './harness/client.ts'
import { openHouse, verbs, type ControlPlane, type House } from './harness/house.ts'
import { until } from './harness/program.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'
import { stubDns, type StubDns } from './harness/stub-dns.ts'
import { openStage, snapshotOf, type Stage } from './resilience/stage.ts'

describe('a service saved on the control plane', () => {
  let house: House
  let controlPlane: ControlPlane
  let token: string
  beforeAll(async () => {
    house = await openHouse()
    controlPlane = await house.startControlPlane({ CROSSFADE_ALLOW_NETWORKS: 'private,loopback' })
    const created = await controlPlane.api.call('POST', '/api/v1/tokens', anything, {
      body: { name: 'editor', access: everywhere('editor') },
    })
    token = String((created as { token: unknown }).token)
  })
  afterAll(() => house.close())

  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${controlPlane.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '"1"' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const spellings = [
    'http://2852039166',
    'http://0xA9FEA9FE',
    'http://0251.0376.0251.0376',
    'http://169.254.43518',
    'http://\uff11\uff16\uff19.254.169.254',
    'http://169\u3002254\u3002169\u3002254',
    'http:\\\\169.254.169.254\\x',
    'http://a@169.254.169.254',
    'http://0',
    'http://127.1',
    'http://127.0.0.1.:80',
    'http://x\t.y',
    'http://169.254.169.254',
    'http://[::ffff:169.254.169.254]',
    'http://[::ffff:a9fe:a9fe]',
    'http://metadata.google.internal.',
  ]
  const translated = [
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[2002:a9fe:a9fe::1]',
    'http://[2001::a9fe:a9fe]',
    'http://[::169.254.169.254]',
    'http://[fd00:ec2::254]',
    'http://[fe80::1]',
    'http://[fe80::1%25lo]',
    'http://[::]',
    'http://0.0.0.0',
  ]
  const outside = ['http://93.184.215.14', 'http://[2606:2800::1]']
  const own = () => [
    controlPlane.url,
    controlPlane.url.replace('127.0.0.1', 'localhost'),
    controlPlane.url.replace('127.0.0.1', '[::1]'),
    controlPlane.url.replace('127.0.0.1', '127.9.9.9'),
    'http://127.0.0.1:5432',
    'http://localhost:4222',
  ]

  /** Those that were not refused by name, or changed something. */
  const accepted = async (urls: readonly string[]) => {
    const before = await call('GET', 'services')
    const odd: unknown[] = []
    for (const url of urls) {
      const check = { path: '/', intervalMs: 1_000, timeoutMs: 100, healthyAfter: 1, unhealthyAfter: 1 }
      for (const health of [null, check]) {
        const body = { name: 'odd', instances: ['http://10.0.0.7', url], health }
        const { status, body: answer } = await call('POST', 'services', body)
        const [error] = (answer['errors'] ?? []) as { path: string }[]
        if (status !== 422 || answer['code'] !== 'invalid_address' || error?.path !== 'instances.1')
          odd.push(url)
      }
    }
    expect(await call('GET', 'services')).toEqual(before)
    return odd
  }

  it('SSRF-01: is refused in every spelling of a metadata address', async () => {
    expect(await accepted(spellings)).toEqual([])
  })

  it('SSRF-02: is refused at addresses that are translated, link-local or nobody', async () => {
    expect(await accepted(translated)).toEqual([])
  })

  it('SSRF-04: is refused at ports of our own, though loopback is allowed', async () => {
    expect(await accepted(own())).toEqual([])
  })

  it('SSRF-04: is refused at the admin port of an agent that is connected', async () => {
    const agent = await house.startAgent('one', {
      CROSSFADE_CONTROL_URL: controlPlane.url,
      CROSSFADE_AGENT_TOKEN: await verbs(controlPlane.api).agentToken(),
    })
    const port = new URL(agent.adminUrl).port
    expect(await accepted([agent.adminUrl, `http://localhost:${port}`, `http://[::1]:${port}`])).toEqual([])
  })

  it('is refused outside the allowed networks, and when changed into something refused', async () => {
    expect(await accepted(outside)).toEqual([])
    const good = { name: 'books', instances: ['http://127.0.0.1:8080'] }
    const made = await call('POST', 'services', good)
    expect(made.status).toBe(201)
    const path = `services/${String(made.body['id'])}`
    const answer = await call('PUT', path, { ...good, instances: ['http://169.254.169.254'] })
    expect([answer.status, answer.body['code']]).toEqual([422, 'invalid_address'])
    expect((await call('GET', path)).body).toEqual(made.body)
  })

  it('is allowed on loopback only where that is named', async () => {
    const strict = await house.startControlPlane({ CROSSFADE_ALLOW_NETWORKS: 'public,private' })
    const body = { name: 'books', instances: ['http://localhost:8080'] }
    await expect(strict.api.call('POST', '/api/v1/services', anything, { body })).rejects.toThrow(
      /instances\.0: .*CROSSFADE_ALLOW_NETWORKS: public, private/,
    )
  })
})

describe('an agent, whatever its control plane says', () => {
  let legacy: RecordingService
  let next: RecordingService
  let stage: Stage
  let asked: Client
  let dns: StubDns
  beforeEach(async () => {
    ;[legacy, next, dns] = await Promise.all([recordingService('legacy'), recordingService('new'), stubDns()])
    asked = client()
  })
  afterEach(async () => {
    asked.close()
    dns.close()
    await stage.close()
    await Promise.all([legacy.close(), next.close()])
  })
  const at = (newUrl: string, revision: number, parts: Parameters<typeof stageParts>[0] = {}) =>
    snapshotOf({ legacyUrl: legacy.url, newUrl, revision, ...stageParts(parts) })
  const ask = () => asked.ask(`${stage.agent.url}/books/1`)

  it('SSRF-04: refuses a snapshot that leads to its own ports or the control plane, and serves on', async () => {
    stage = await openStage(at(next.url, 5))
    let revision = 5
    const own = [stage.agent.adminUrl, stage.control.url, 'http://127.0.0.1:5432', 'http://[::1]:4222']
    for (const url of [...own, ...own.map((one) => one.replace('127.0.0.1', 'localhost'))]) {
      const answer = await stage.control.push(at(url, ++revision))
      expect(answer).toMatchObject({
        type: 'nack',
        phase: 'semantic',
        errors: [{ path: 'services.new-books.instances.0' }],
        running: { revision: 5 },
      })
    }
    expect(await ask()).toMatchObject({ status: 200, servedBy: 'new' })
  })

  it('SSRF-01, SSRF-02: refuses a snapshot with an address nobody may reach, and serves on', async () => {
    stage = await openStage(at(next.url, 5))
    let revision = 5
    for (const host of [
      '169.254.169.254',
      '2852039166',
      '[64:ff9b::a9fe:a9fe]',
      '[fe80::1]',
      '0.0.0.0',
      '10.0.0.7',
    ]) {
      const answer = await stage.control.push(at(`http://${host}`, ++revision))
      expect(answer).toMatchObject({ type: 'nack', phase: 'semantic', running: { revision: 5 } })
    }
    expect(await ask()).toMatchObject({ status: 200, servedBy: 'new' })
  })

  it('connects nowhere outside its own networks, also with what lay on its disk', async () => {
    stage = await openStage(at(next.url, 5))
    await until('revision 5 on disk', () =>
      stage.control.heard.some((one) => one.type === 'ack' && one.stage === 'persisted'),
    )
    await stage.agent.program.kill()
    const narrow = { ...stage.control.agentEnv, CROSSFADE_ALLOW_NETWORKS: 'private' }
    stage.agent = await stage.house.startAgent('staged', narrow, stage.agent)
    expect((await ask()).status).toBeGreaterThanOrEqual(500)
    expect([...next.received, ...legacy.received]).toEqual([])
    expect(stage.agent.program.output()).toContain('CROSSFADE_ALLOW_NETWORKS')
  })

  it('DNS-04: connects nowhere once a name leads astray: requests, upgrades and health checks', async () => {
    const { port } = new URL(next.url)
    // Nobody listens there, and nothing forbids it.
    dns.say('books.service.test', '127.0.0.2', 1)
    const health = { path: '/health', intervalMs: 500, timeoutMs: 400, healthyAfter: 1, unhealthyAfter: 20 }
    const snapshot = snapshotOf({
      legacyUrl: `http://127.0.0.2:${port}`,
      newUrl: `http://books.service.test:${port}`,
      ...stageParts({ health }),
    })
    stage = await openStage(snapshot, {
      CROSSFADE_DNS_SERVERS: dns.address,
      CROSSFADE_ALLOW_NETWORKS: '127.0.0.2,169.254.0.0/16,0.0.0.0/8',
    })
    for (const bad of ['127.0.0.1', '169.254.169.254', '0.0.0.0', '10.0.0.7']) {
      dns.say('books.service.test', bad, 1)
      const questions = dns.questions.length
      await until('the new answer', () => dns.questions.length > questions + 1)
      expect([bad, (await ask()).status]).toEqual([bad, 502])
      expect(await upgrade(stage.agent.url)).toMatch(/^HTTP\/1\.1 502 /)
      expect(next.received).toEqual([])
    }
    // The same name and port, where it may go: the refusals above were not for want of somebody there.
    await stage.agent.program.kill()
    const wider = { ...stage.control.agentEnv, CROSSFADE_DNS_SERVERS: dns.address }
    dns.say('books.service.test', '127.0.0.1', 1)
    stage.agent = await stage.house.startAgent('staged', wider, stage.agent)
    expect(await ask()).toMatchObject({ status: 200, servedBy: 'new' })
    await until('a health check', () => next.received.some(({ target }) => target === '/health'))
  })

  it('follows no redirect of a service or of a health check', async () => {
    const health = { path: '/health', intervalMs: 500, timeoutMs: 400, healthyAfter: 1, unhealthyAfter: 1 }
    next.status = 302
    next.headers = { location: `${legacy.url}/elsewhere` }
    stage = await openStage(at(next.url, 5, { health }))
    const checks = () => next.received.filter(({ target }) => target === '/health').length
    await until('two health checks', () => checks() >= 2)
    expect((await ask()).status).toBe(302)
    expect(legacy.received).toEqual([])
  })
})

/** No breaker, so that every request tries; the services retry nothing. */
function stageParts(newService: Parameters<typeof snapshotOf>[0]['newService']) {
  return { policy: { breaker: null, safeFallback: false }, newService: { ...newService, outlier: null } }
}

/** The first line of the answer to a WebSocket handshake. */
async function upgrade(agentUrl: string): Promise<string> {
  const { port } = new URL(agentUrl)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    'GET /books/1 HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString('latin1')
}

const anything = z.unknown()
