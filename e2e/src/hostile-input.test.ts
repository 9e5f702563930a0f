import { everywhere } from '@crossfade/contracts/roles'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { aMapping, aMatch } from '@crossfade/testkit/builders'
import { entriesOf, sealedEntries } from '@crossfade/testkit/signed-snapshot'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { playScript } from './http/raw-exchange.ts'
import { adminToken, runningOn } from './harness/house.ts'
import { until } from './harness/program.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'
import { openScene, type Scene } from './harness/scene.ts'
import { openStage, snapshotOf, type Stage } from './resilience/stage.ts'

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
/** JSON that no entry may take, whatever the entry is for. */
const hostileTexts: readonly string[] = [
  '{"__proto__":{"polluted":true}}',
  '{"name":"x","a":{"b":[{"__proto__":{"polluted":true}}]}}',
  String.raw`{"\u005f_proto__":{"polluted":true}}`,
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"name":"a","name":"b"}',
  deep(100_000),
  `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  '{"name":',
  'name=a',
]

describe('a control plane', () => {
  let scene: Scene
  let token: string
  beforeAll(async () => {
    scene = await openScene({ agents: ['one'] })
    const body = { name: 'editor', access: everywhere('editor') }
    const created = await scene.controlPlane.api.call(
      'POST',
      '/api/v1/tokens',
      z.looseObject({ token: z.string() }),
      { body },
    )
    token = created.token
  })
  afterAll(() => scene.close())

  const send = async (method: string, place: string, body?: string) => {
    const answer = await fetch(`${scene.controlPlane.url}/api/v1/${place}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '"1"' },
      ...(body !== undefined && { body }),
    })
    return {
      status: answer.status,
      body: z.looseObject({ code: z.string().optional() }).parse(await answer.json()),
    }
  }

  it('PP-01: takes no hostile JSON at any door, and nothing changes', async () => {
    const before = await send('GET', 'services')
    for (const text of hostileTexts) {
      for (const place of ['services', 'mappings', 'groups', 'segments', 'explain', 'mappings/preview']) {
        const { status, body } = await send('POST', place, text)
        expect([place, text.slice(0, 60), status, body.code]).toEqual([
          place,
          text.slice(0, 60),
          400,
          'invalid_json',
        ])
      }
    }
    for (const query of [
      '__proto__[polluted]=1',
      'constructor.prototype=1',
      '__proto__=1',
      'limit=1e400',
      'limit=1&limit=2',
    ]) {
      expect((await send('GET', `mappings?${query}`)).status).toBe(400)
    }
    expect(await send('GET', 'services')).toEqual(before)
    expect((await send('GET', 'mappings/polluted')).status).toBe(404)
  })

  it('PP-01: refuses numbers, text and lists that do not fit, naming the field', async () => {
    const service = (text: string) => `{"name":"odd","instances":["http://127.0.0.1:1"],${text}}`
    const health = (interval: string) =>
      service(
        `"health":{"path":"/","intervalMs":${interval},"timeoutMs":100,"healthyAfter":1,"unhealthyAfter":1}`,
      )
    for (const [text, field] of [
      [health('1e999'), 'health.intervalMs'],
      [health('123456789012345678901234567890'), 'health.intervalMs'],
      [health('-1'), 'health.intervalMs'],
      [service('"name2":"x"'), 'name2'],
      ['{"name":"a\\ud800","instances":["http://127.0.0.1:1"]}', 'name'],
      ['{"name":"a\\u0000","instances":["http://127.0.0.1:1"]}', 'name'],
      [`{"name":"${'x'.repeat(100_000)}","instances":["http://127.0.0.1:1"]}`, 'name'],
      [`{"name":"odd","instances":[${'"a",'.repeat(10_000)}"a"]}`, 'instances'],
    ] as const) {
      const { status, body } = await send('POST', 'services', text)
      expect([field, status, body.code]).toEqual([field, 400, 'invalid_input'])
      expect(JSON.stringify(body['errors'])).toContain(`"path":"${field}"`)
    }
  })

  it('RX-01: saves a pattern only when it is matched in linear time, and agents obey it so', async () => {
    const { legacy, new: next } = scene.mapping
    const mapping = (name: string, pattern: string) => ({
      name,
      match: { path: { kind: 'regex', pattern, position: 0 } },
      legacy: { serviceId: legacy.serviceId },
      new: { serviceId: next.serviceId },
    })
    const refused = ['(?=a)b', '(?<!a)b', '(a)\\1', '(?>a)b', 'a'.repeat(513), '((a{30}){30}){30}', '(']
    for (const [i, pattern] of refused.entries()) {
      for (const place of ['mappings', 'mappings/preview']) {
        const { status, body } = await send('POST', place, JSON.stringify(mapping(`odd ${i}`, pattern)))
        expect([pattern.slice(0, 40), place, status]).toEqual([
          pattern.slice(0, 40),
          place,
          pattern.length > 512 ? 400 : 422,
        ])
        expect(JSON.stringify(body['errors'])).toContain('match.path.pattern')
      }
    }
    const evil = ['(a+)+$', '^(a|a)*$', '^/([^/]+)*/x$', '^/(([a-z])+.)+[A-Z]([a-z])+$', '^/(.*a){12}!']
    for (const [i, pattern] of evil.entries()) {
      expect((await send('POST', 'mappings', JSON.stringify(mapping(`evil ${i}`, pattern)))).status).toBe(201)
    }
    const revision = (await scene.call.agents())[0]?.expected.revision ?? 0
    await scene.call.live(revision, 'one')
    const [agent] = scene.agents
    const asked = async (letters: number) => {
      const started = performance.now()
      for (let i = 0; i < 5; i++) {
        const answer = await fetch(`${agent.url}/${'a'.repeat(letters)}%21`)
        expect(answer.status).toBe(200)
        await answer.text()
      }
      return performance.now() - started
    }
    await asked(1_000)
    // Eight times the path; an engine that tries again would take longer than the universe.
    expect(await asked(8_000)).toBeLessThan(40 * (await asked(1_000)) + 1_000)
  })
})

describe('an agent', () => {
  let legacy: RecordingService
  let next: RecordingService
  let stage: Stage
  beforeEach(async () => {
    ;[legacy, next] = await Promise.all([recordingService('legacy'), recordingService('new')])
    stage = await openStage(at(5), { CROSSFADE_TRAFFIC_LOG: 'stdout' })
    await until('revision 5', async () => (await runningOn(stage.agent)) === 5)
  })
  afterEach(async () => {
    await stage.close()
    await Promise.all([legacy.close(), next.close()])
  })
  const at = (revision: number) => snapshotOf({ legacyUrl: legacy.url, newUrl: next.url, revision })
  const serves = async () => (await fetch(`${stage.agent.url}/books/1`)).headers.get('x-served-by')

  it('PP-01: refuses a signed snapshot with a poisoned entry, and serves on', async () => {
    const { signer } = stage.control
    let revision = 5
    for (const poison of [
      '"__proto__":{"isAdmin":true}',
      '"constructor":{"prototype":{}}',
      '"name":"twice"',
      `"x":${deep(100_000)}`,
    ]) {
      const entries = entriesOf(at(++revision)).map((entry) =>
        entry.kind === 'mapping' ? { ...entry, bytes: entry.bytes.replace('{', `{${poison},`) } : entry,
      )
      const nonce = `poison-${revision}`
      const snapshot = sealedEntries(at(revision), entries, signer)
      stage.control.say({ type: 'snapshot', nonce, snapshot })
      expect(await stage.control.answerTo(nonce)).toMatchObject({
        type: 'nack',
        phase: 'schema',
        running: { revision: 5 },
      })
    }
    expect(await serves()).toBe('new')
    expect(await stage.control.push(at(20))).toMatchObject({ type: 'ack' })
  })

  it('PP-01: leaves a control plane that sends hostile frames, serves on, and comes back', async () => {
    // The wait before coming back doubles each time, so not all of them.
    for (const text of [
      '{"type":"watch","mappingIds":[],"__proto__":{"polluted":true}}',
      '{"type":"watch","type":"watch","mappingIds":[]}',
      `{"type":"watch","mappingIds":${deep(100_000)}}`,
    ]) {
      const hellos = stage.control.hellos.length
      stage.control.sayText(text)
      await until(`a hello after ${text.slice(0, 60)}`, () => stage.control.hellos.length > hellos)
    }
    expect(await serves()).toBe('new')
    expect(await stage.control.push(at(6))).toMatchObject({ type: 'ack' })
  })

  it('PP-01: takes no hostile JSON on its admin port', async () => {
    const url = `${stage.agent.adminUrl}/rollback`
    const headers = { authorization: `Bearer ${adminToken}` }
    for (const body of hostileTexts) {
      const answer = await fetch(url, { method: 'POST', headers, body })
      expect([body.slice(0, 60), answer.status]).toEqual([body.slice(0, 60), 400])
      expect(await answer.json()).toMatchObject({ code: 'invalid_json' })
    }
    expect(await (await fetch(url, { headers })).json()).toEqual({ items: [] })
    expect(await serves()).toBe('new')
  })

  it('PP-01: starts on hostile files in its state directory, and says what is wrong', async () => {
    await until('revision 5 on disk', () =>
      stage.control.heard.some((one) => one.type === 'ack' && one.stage === 'persisted'),
    )
    expect(await stage.control.push(at(6))).toMatchObject({ type: 'ack' })
    const file = (name: string) => path.join(stage.agent.stateDir, name)
    await until('two snapshots on disk', () => readFile(file('previous.json'), 'utf8'))
    await stage.agent.program.kill()
    const good = await readFile(file('current.json'), 'utf8')
    for (const text of [
      deep(100_000),
      good.replace('{', '{"__proto__":{"polluted":1},'),
      good.replace('{', '{"format":1,'),
    ]) {
      await Promise.all(
        ['current.json', 'overlays.json', 'emergencies.json'].map((name) => writeFile(file(name), text)),
      )
      stage.agent = await stage.house.startAgent(
        'staged',
        { ...stage.control.agentEnv, CROSSFADE_CONTROL_URL: 'http://127.0.0.1:1' },
        stage.agent,
      )
      expect(await runningOn(stage.agent)).toBe(5)
      expect(await serves()).toBe('new')
      expect(stage.agent.program.output()).toMatch(/current\.json.*(?:levels|__proto__|twice)/)
      await stage.agent.program.kill()
    }
  })

  it('LOG-01: writes one line of JSON about a request, whatever it says', async () => {
    const nasty = [
      { target: '/books/a%0d%0a2026-01-01%20ERROR%20forged', headers: [] },
      { target: '/books/1', headers: ['User-Agent: x","level":"fatal","msg":"forged'] },
      { target: '/books/2', headers: ['X-Request-Id: a\x1b[2Jb'] },
      {
        target: '/books/3',
        headers: ['User-Agent: \x9b2J\x85\xe2\x80\xa8\xe2\x80\xae', 'X-Request-Id: ok-3'],
      },
      { target: '/books/4?$status="%22', headers: ['Referer: \\u0022,\\n', 'Traceparent: \t00-x'] },
    ]
    const port = Number(new URL(stage.agent.url).port)
    for (const { target, headers } of nasty) {
      const request = [`GET ${target} HTTP/1.1`, 'Host: t', ...headers, '', ''].join('\r\n')
      await playScript(port, [request], { answers: 1, close: false, withinMs: 5_000 })
    }
    const last = await fetch(`${stage.agent.url}/books/last`)
    expect(last.status).toBe(200)
    await until('the last line', () => stage.agent.program.output().includes('/books/last'))
    const lines = stage.agent.program.output().trimEnd().split('\n')
    const logged = lines.map((line) => {
      expect(line).toMatch(/^[\x20-\x7e\u00a0-\u2027\u2030-\uffff]*$/)
      return z
        .looseObject({ level: z.string().optional(), request: z.string().optional() })
        .parse(JSON.parse(line))
    })
    expect(logged.filter(({ level, msg }) => level === 'fatal' || msg === 'forged')).toEqual([])
    const ids = logged.flatMap(({ request }) => /\/books\/(\w+)/.exec(request ?? '')?.[1] ?? [])
    expect(ids.length).toBe(new Set(ids).size)
    expect(ids).toContain('1')
  })

  it('LOG-01: keeps names out of the grammar of metrics and of answers', async () => {
    const name = 'a"} 1\\ b\u{1f4d6}='
    const snapshot = at(6)
    const mappings = snapshot.mappings.map((mapping) => ({ ...mapping, name }))
    expect(await stage.control.push({ ...snapshot, mappings })).toMatchObject({ type: 'ack' })
    expect(await serves()).toBe('new')
    const page = await until('a counted request', async () => {
      const text = await (await fetch(`${stage.agent.adminUrl}/metrics`)).text()
      return text.includes('mapping="a') && text
    })
    const odd = page
      .split('\n')
      .filter(
        (line) =>
          line !== '' &&
          !/^#|^[a-z0-9_]+(\{([a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? [-+0-9.eInfNa]+$/.test(line),
      )
    expect(odd).toEqual([])
    const refused = {
      ...at(7),
      mappings: [aMapping({ name: 'a\nb', match: aMatch({ kind: 'prefix', path: '/books' }) })],
    }
    expect(await stage.control.push(refused)).toMatchObject({ type: 'nack', phase: 'schema' })
  })
})
