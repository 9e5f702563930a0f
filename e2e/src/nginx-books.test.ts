import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mappingPreviewSchema } from '@crossfade/contracts/api/preview'
import { mappingViewSchema } from '@crossfade/contracts/api/mappings'
import { booksHost, enterBooks, newHost, type Books } from './harness/books.ts'
import { client, inParallel, type Client } from './harness/client.ts'
import { openHouse, verbs, type Agent, type ControlPlane, type House, type Verbs } from './harness/house.ts'
import { currentTable, predictedSide } from './harness/prediction.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'

let house: House
let controlPlane: ControlPlane
let call: Verbs
let agents: Agent[]
let legacy: RecordingService
let replacement: RecordingService
let books: Books
let browser: Client

beforeAll(async () => {
  house = await openHouse()
  legacy = await recordingService('legacy')
  replacement = await recordingService('new')
  controlPlane = await house.startControlPlane()
  call = verbs(controlPlane.api)
  books = await enterBooks(controlPlane.api, call, { legacy: legacy.url, new: replacement.url })
  const env = { CROSSFADE_CONTROL_URL: controlPlane.url, CROSSFADE_AGENT_TOKEN: await call.agentToken() }
  agents = await Promise.all([house.startAgent('one', env), house.startAgent('two', env)])
  await call.live((await currentTable(controlPlane.api)).snapshot.revision, 'one', 'two')
  browser = client(32)
})

afterAll(async () => {
  browser.close()
  await house.close()
  await Promise.all([legacy.close(), replacement.close()])
})

const sent = { host: booksHost }

/** Sends `count` requests over both agents in turn and counts who served them. */
async function shareOfNew(
  count: number,
  target: (index: number) => string,
  headers: Record<string, string> = {},
): Promise<number> {
  let served = 0
  await inParallel(32, Array(count).keys(), async (index) => {
    const agent = agents[index % agents.length]
    const answer = await browser.ask(`${agent?.url}${target(index)}`, {
      headers: { ...sent, ...headers },
    })
    expect(answer.status).toBe(200)
    if (answer.servedBy === 'new') served++
  })
  return served / count
}

/** Four standard deviations of a binomial share. */
const tolerance = (share: number, count: number) => 4 * Math.sqrt((share * (1 - share)) / count)

describe('the endpoints and groups of a production nginx, entered through the API', () => {
  it('sends every keyed request to the side that decide predicts', async () => {
    const table = await currentTable(controlPlane.api)
    const wrong: string[] = []
    await inParallel(32, Array(6_000).keys(), async (index) => {
      const target = `/v2/content_api/author/${index % 97}?page=${index}`
      const headers = { ...sent, cookie: `theme=dark; uid=reader-${index % 2_000}` }
      const predicted = predictedSide(table, { method: 'GET', host: booksHost, target, headers })
      const answer = await browser.ask(`${agents[index % 2]?.url}${target}`, { headers })
      if (answer.servedBy !== predicted)
        wrong.push(`${headers.cookie}: ${answer.servedBy}, predicted ${predicted}`)
    })
    expect(wrong).toEqual([])
  })

  it('keeps the measured share of a group without identity within four standard deviations', async () => {
    const one = await shareOfNew(5_000, () => '/v2/content_api/ping')
    expect(Math.abs(one - 0.01)).toBeLessThan(tolerance(0.01, 5_000))
    const quarter = await shareOfNew(
      5_000,
      (index) => `/v2/content_api/book.chapters_by_status?status=${index}`,
    )
    expect(Math.abs(quarter - 0.25)).toBeLessThan(tolerance(0.25, 5_000))
  })

  it('sends all of a group at 100 % to new, and everything unmapped to legacy', async () => {
    expect(await shareOfNew(2_000, (index) => `/v2/content_api/book.get_chapter_details?id=${index}`)).toBe(1)
    expect(await shareOfNew(2_000, (index) => `/v2/content_api/other/${index}`)).toBe(0)
  })

  it('arrives at new with rewritten path, query, body and the headers of rule 6', async () => {
    replacement.received.length = 0
    const target = '/v2/content_api/book.get_chapter_details?id=%C3%BC&x=1&x=2'
    await browser.ask(`${agents[0]?.url}${target}`, {
      method: 'POST',
      body: '{"note":"ü"}',
      headers: {
        ...sent,
        'content-type': 'application/json',
        'x-forwarded-for': '6.6.6.6',
        'x-request-id': 'mine-request-1',
      },
    })
    const [arrived] = replacement.received
    expect(arrived).toMatchObject({
      method: 'POST',
      target: '/v2/chapter/get_details?id=%C3%BC&x=1&x=2',
      body: '{"note":"ü"}',
    })
    expect(arrived?.headers).toMatchObject({
      host: newHost,
      'content-type': 'application/json',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': booksHost,
      'x-real-ip': '127.0.0.1',
      'x-original-uri': target,
    })
    expect(arrived?.headers['x-request-id']).toBe('mine-request-1')
    expect(arrived?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    expect(arrived?.headers['via']).toMatch(/^1\.1 /)
  })

  it('sends nobody back when an endpoint hops from the quarter group to the done group', async () => {
    const { chapters } = books.mappings
    const body = {
      ...books.mappingInput('chapters', books.groups.done.id),
      environmentId: 'default',
      id: chapters.id,
    }
    const preview = await controlPlane.api.call('POST', '/api/v1/mappings/preview', mappingPreviewSchema, {
      body,
    })
    const moves = preview.moves.find((move) => move.mappingId === chapters.id)
    expect(moves).toMatchObject({ percentToLegacy: 0, percentToNew: 75, reshuffled: false })

    const { version } = await call.showMapping(chapters.id)
    const saved = await controlPlane.api.call('PUT', `/api/v1/mappings/${chapters.id}`, mappingViewSchema, {
      ifMatch: version,
      body: { ...books.mappingInput('chapters', books.groups.done.id), confirmMoves: true },
    })
    expect(saved.split.percent).toBe(100)
    const table = await currentTable(controlPlane.api)
    await call.live(table.snapshot.revision, 'one', 'two')
    expect(await shareOfNew(500, () => '/v2/content_api/book.chapters_by_status')).toBe(1)
  })
})
