import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import { mappingViewSchema } from '@crossfade/contracts/api/mappings'
import { clientsViewSchema, pathsViewSchema, seriesViewSchema } from '@crossfade/contracts/api/series'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { hasPromtool, promtool } from '@crossfade/testkit/promtool'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hasBrowser, openBrowser } from './harness/browser.ts'
import { client, inParallel, type Client } from './harness/client.ts'
import { adminToken } from './harness/house.ts'
import { until } from './harness/program.ts'
import { bookPath, byCookie, openScene, type Scene } from './harness/scene.ts'

const callerKey = 'a-key-of-an-allowed-caller'
const secret = 'hunter2-s3cret'
const served = 60
const failed = 24
let scene: Scene
let browser: Client
let folder = ''
let log = ''
const refused: number[] = []

const lineSchema = z.looseObject({
  request: z.string(),
  status: z.int().nullable(),
  side: z.enum(['legacy', 'new']),
  mapping: z.string(),
  reason: z.string(),
  target: z.string(),
  request_time: z.number(),
  service_time: z.number().nullable(),
  request_id: z.string(),
  traceparent: z.string(),
  bytes_sent: z.int(),
  http_user_agent: z.string().nullable(),
})
const linesOf = async (file: string) =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => lineSchema.parse(JSON.parse(line)))
const metricsOf = async (url: string) =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })).text()

/** Without a client library's idea of what a path should look like. */
function askAsIs(target: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(scene.agents[0].url)
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>> }>((resolve, reject) => {
    const call = request({ hostname, port, path: target, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }))
    })
    call.on('error', reject)
    call.end()
  })
}

/** Legacy would stand in for a side that fails so often, and this is about seeing failures. */
async function withoutProtection() {
  const { api } = scene.controlPlane
  const { legacy, new: fresh, version } = scene.mapping
  const service = await api.call('GET', `/api/v1/services/${fresh.serviceId}`, serviceViewSchema)
  await api.call('PUT', `/api/v1/services/${service.id}`, serviceViewSchema, {
    ifMatch: service.version,
    body: { name: service.name, instances: service.instances, outlier: null },
  })
  const body = byCookie('chapter', bookPath, legacy.serviceId, fresh.serviceId)
  await api.call('PUT', `/api/v1/mappings/${scene.mapping.id}`, mappingViewSchema, {
    ifMatch: version,
    body: { ...body, policy: { breaker: null } },
  })
}

const readers = (count: number, userAgent: string) =>
  inParallel(8, Array(count).keys(), async (reader) => {
    await browser.ask(`${scene.agents[0].url}${bookPath}/${reader}?token=kept`, {
      headers: {
        cookie: `uid=reader-${reader}; session=${secret}`,
        authorization: `Bearer ${secret}`,
        'user-agent': userAgent,
      },
    })
  })

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cf-log-'))
  log = path.join(folder, 'traffic.log')
  scene = await openScene({ agents: ['edge'], agentEnv: { CROSSFADE_TRAFFIC_LOG: log } })
  browser = client()
  const { api } = scene.controlPlane
  const environment = await api.call('GET', '/api/v1/environments/default', environmentViewSchema)
  await api.call('PUT', '/api/v1/environments/default', environmentViewSchema, {
    ifMatch: environment.version,
    body: {
      name: environment.name,
      callers: { keyDigests: [createHash('sha256').update(callerKey).digest('hex')], segmentId: null },
      clientDimension: {
        header: 'user-agent',
        values: [
          { label: 'iOS app', contains: 'BooksiOS' },
          { label: 'browsers', contains: 'Mozilla' },
        ],
      },
    },
  })
  await withoutProtection()
  const { revision } = await scene.call.share(scene.mapping.id, 50)
  await scene.call.live(revision, 'edge')

  await readers(served, 'Mozilla/5.0')
  // One app that new cannot serve, hidden in the average.
  scene.replacement.status = 503
  await readers(failed, 'BooksiOS/3.1')
  scene.replacement.status = 200
  await inParallel(4, Array(30).keys(), async (item) => void (await askAsIs(`/shop/items/${item}?q=1`)))
  for (let i = 0; i < 3; i++) refused.push((await askAsIs('/shop/../admin?key=x')).status)
})

afterAll(async () => {
  browser.close()
  await scene.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the traffic log', () => {
  it('has one line for each mapped request and none for others', async () => {
    const lines = await until('all lines', async () => {
      const written = await linesOf(log)
      return written.length >= served + failed && written
    })
    expect(lines).toHaveLength(served + failed)
    const onNew = lines.filter(({ side }) => side === 'new')
    expect(onNew.length).toBe(scene.replacement.received.length)
    expect(lines.filter(({ status }) => status === 503).length).toBe(
      onNew.filter(({ http_user_agent: agent }) => agent === 'BooksiOS/3.1').length,
    )
    expect(lines[0]).toMatchObject({ mapping: 'chapter', reason: expect.stringMatching(/^bucket:\d+$/) })
    expect(lines.every((line) => line.service_time !== null && line.request_time >= line.service_time)).toBe(
      true,
    )
  })

  it('holds no secret of any client', async () => {
    expect(await readFile(log, 'utf8')).not.toContain(secret)
  })

  it('names each request as the service heard it: same id, same trace', async () => {
    const lines = await linesOf(log)
    const heard = new Map(
      [...scene.legacy.received, ...scene.replacement.received].map(({ headers }) => [
        headers['x-request-id'],
        headers['traceparent'],
      ]),
    )
    expect(new Set(lines.map((line) => line.request_id)).size).toBe(served + failed)
    for (const line of lines) expect(line.traceparent).toBe(heard.get(line.request_id))
  })

  it('carries on what a client brought: its request id in the log, its trace at the service', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`
    await askAsIs(bookPath, { 'x-request-id': 'mine-1', traceparent, cookie: 'uid=reader-1' })
    const line = await until('the line', async () =>
      (await linesOf(log)).find((one) => one.request_id === 'mine-1'),
    )
    expect(line.traceparent).toBe(traceparent)
    const received = [...scene.legacy.received, ...scene.replacement.received]
    expect(received.find(({ headers }) => headers['x-request-id'] === 'mine-1')?.headers['traceparent']).toBe(
      traceparent,
    )
  })

  it('goes on in a new file after rotation with SIGUSR1', async () => {
    await rename(log, `${log}.1`)
    process.kill(scene.agents[0].program.pid, 'SIGUSR1')
    await until('a new file', async () => (await readFile(log, 'utf8')) === '')
    await askAsIs(bookPath, { 'x-request-id': 'after-rotation' })
    const lines = await until('the line', async () => {
      const written = await linesOf(log)
      return written.length > 0 && written
    })
    expect(lines.map((line) => line.request_id)).toEqual(['after-rotation'])
  })

  it('writes lines as nginx does to stdout, and refuses a format that would log a secret', async () => {
    const format = '$remote_addr "$request" $status $side "$mapping" $target $request_id'
    const env = { ...scene.agentEnv, CROSSFADE_TRAFFIC_LOG: 'stdout', CROSSFADE_TRAFFIC_LOG_FORMAT: format }
    const two = await scene.house.startAgent('two', env)
    await browser.ask(`${two.url}${bookPath}`, {
      headers: { 'x-request-id': 'two-1', cookie: 'uid=reader-1' },
    })
    const line =
      /^127\.0\.0\.1 "GET \/books\/chapter HTTP\/1\.1" 200 (legacy|new) "chapter" \/books\/chapter two-1$/m
    await until('the line', () => line.test(two.program.output()))
    await two.program.kill()
    const loud = scene.house.startAgent('three', { ...env, CROSSFADE_TRAFFIC_LOG_FORMAT: '$http_cookie' })
    await expect(loud).rejects.toThrow('$http_cookie is a secret, it is not logged')
  })
})

describe('metrics', () => {
  it('count by mapping, side and status class', async () => {
    const [edge] = scene.agents
    const page = await until('counted', async () => {
      const text = await metricsOf(edge.adminUrl)
      return text.includes('side="new",via="split",status="5xx"') && text
    })
    const failures = scene.replacement.received.filter(({ headers }) =>
      headers['user-agent']?.startsWith('BooksiOS'),
    ).length
    const count = (labels: string) =>
      Number(new RegExp(`^crossfade_agent_requests_total\\{${labels}\\} (\\d+)$`, 'm').exec(page)?.[1])
    expect(count('mapping="chapter",side="new",via="split",status="5xx"')).toBe(failures)
    expect(page).toMatch(/^crossfade_agent_nodejs_eventloop_lag_p99_seconds /m)
    expect(page).toMatch(/^crossfade_agent_connections \d+$/m)
    expect(page).toMatch(/^crossfade_agent_mapping_in_flight_requests\{mapping="chapter",side="new"\} 0$/m)
    expect(page).toMatch(
      /^crossfade_agent_request_duration_seconds_bucket\{le="\+Inf",mapping="chapter",side="new"\}/m,
    )
    expect(page).toMatch(/^crossfade_agent_traffic_log_lines_total [1-9]/m)
  })

  it.skipIf(!hasPromtool())('of agents and control planes are what promtool wants', async () => {
    expect(promtool(['check', 'metrics'], await metricsOf(scene.agents[0].adminUrl))).toBe('')
    expect(promtool(['check', 'metrics'], await metricsOf(scene.controlPlane.url))).toBe('')
  })
})

describe('what the control plane shows', () => {
  const get = <T>(url: string, schema: z.ZodType<T>) => scene.controlPlane.api.call('GET', url, schema)

  it('lists the busiest unmapped paths with ids collapsed, and refused ones with a sample', async () => {
    const view = await until('paths', async () => {
      const answer = await get('/api/v1/stats/paths?environmentId=default', pathsViewSchema)
      return answer.refused[0]?.requests === 3 && answer.paths[0]?.requests === 30 && answer
    })
    expect(view.paths).toMatchObject([{ method: 'GET', path: '/shop/items/:id', requests: 30, errors: 0 }])
    expect(refused).toEqual([400, 400, 400])
    expect(view.refused).toMatchObject([
      { method: 'GET', why: 'dot-segment', sample: '/shop/../admin', requests: 3 },
    ])
  })

  it('lists what is asked for inside a prefix', async () => {
    const view = await until('paths', async () => {
      const answer = await get(`/api/v1/stats/paths?mappingId=${scene.mapping.id}`, pathsViewSchema)
      return (answer.paths[0]?.requests ?? 0) >= served + failed && answer
    })
    expect(view.paths[0]).toMatchObject({ path: `${bookPath}/:id`, requests: served + failed })
    expect(view.paths[0]?.errors).toBeGreaterThan(0)
  })

  it('tells the broken app from the others, though the average hides it', async () => {
    const view = await until('clients', async () => {
      const answer = await get(`/api/v1/stats/clients?mappingId=${scene.mapping.id}`, clientsViewSchema)
      const requests = answer.clients
        .filter(({ client: kind }) => kind !== 'other')
        .reduce((sum, row) => sum + (row.legacy?.requests ?? 0) + (row.new?.requests ?? 0), 0)
      return requests === served + failed && answer
    })
    const kind = (name: string) => view.clients.find(({ client: found }) => found === name)
    expect(kind('browsers')?.new?.errors).toBe(0)
    const app = kind('iOS app')
    expect(app?.new?.errors).toBe(app?.new?.requests)
    expect(app?.new?.errors).toBeGreaterThan(0)
    expect(app?.legacy?.errors).toBe(0)
    const from = Date.now() - 600_000
    const series = await get(
      `/api/v1/stats/series?mappingId=${scene.mapping.id}&from=${from}&client=iOS%20app`,
      seriesViewSchema,
    )
    expect(series.new.reduce((sum, point) => sum + point.requests, 0)).toBe(app?.new?.requests)
  })
})

describe('debug headers', () => {
  it('tell an allowed caller the side, mapping, reason and revision, and nobody else', async () => {
    const asking = { 'x-crossfade-debug': '1', cookie: 'uid=reader-1' }
    const told = await askAsIs(bookPath, { ...asking, 'x-crossfade-key': callerKey })
    expect(told.headers).toMatchObject({
      'x-crossfade-side': expect.stringMatching(/^(legacy|new)$/),
      'x-crossfade-mapping': 'chapter',
      'x-crossfade-reason': expect.stringContaining('bucket'),
      'x-crossfade-revision': expect.stringMatching(/^\d+$/),
    })
    const stranger = await askAsIs(bookPath, { ...asking, 'x-crossfade-key': 'a guess' })
    expect(Object.keys(stranger.headers).filter((name) => name.startsWith('x-crossfade'))).toEqual([])
  })
})

describe.skipIf(!hasBrowser())('on screen', () => {
  it('leads from an unmapped path to a form that is filled in, and shows the app that fails', async () => {
    const issued = z.object({ link: z.string() })
    const { link } = await scene.controlPlane.api.call('POST', '/api/v1/local/link', issued, { body: {} })
    const chromium = await openBrowser()
    const page = await chromium.newPage({ reducedMotion: 'reduce' })
    await page.goto(link)
    await page.getByLabel('Email').fill('olga@example.test')
    await page.getByLabel('Your name').fill('Olga')
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery')
    await page.locator('button[type=submit]').click()
    expect(await page.getByRole('region', { name: 'Refused paths' }).textContent()).toContain(
      '/shop/../admin',
    )
    await page.getByRole('link', { name: 'Map GET /shop/items/:id' }).click()
    expect(await page.getByLabel('Name', { exact: false }).first().inputValue()).toBe('GET /shop/items/:id')
    expect(await page.getByLabel('Value').inputValue()).toBe('/shop/items/:id')
    await page.getByRole('button', { name: /^Protection/ }).click()
    expect(await page.getByLabel('Opens at').inputValue()).toBe('50 % failures')
    await page.goto(`${scene.controlPlane.url}/mappings/${scene.mapping.id}?tab=compare`)
    const row = page.getByRole('row').filter({ hasText: 'iOS app' })
    expect(await row.textContent()).toContain('100 %')
    await chromium.close()
  })
})
