import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { author, bookmark, chapterDetails, chaptersByStatus, type Answer } from './library.ts'
import { isMood, moods, type Mood } from './moods.ts'
import { moodPage } from './mood-page.ts'

export interface BookService {
  readonly server: Server
  mood(): Mood
}

/** Typical time to an answer, ms: the replacement is a little faster, so the charts have a difference to show. */
const typicalMs = { legacy: 24, new: 15 } as const

/**
 * A book API as it was (`legacy`) or as it will be (`new`, with other paths). Every answer says who gave it.
 * `GET /` is a page with buttons, `PUT /mood/<mood>` the same for a command line.
 */
export function bookService(side: 'legacy' | 'new', random: () => number): BookService {
  let mood: Mood = 'well'

  const server = createServer((request, response) => {
    const send = (answer: Answer) => {
      const body = JSON.stringify({ servedBy: side, ...answer.body })
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-served-by': side,
      })
      response.end(body)
    }
    const url = new URL(request.url ?? '/', 'http://service')

    if (url.pathname === '/' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(moodPage(side, mood))
      return
    }
    const wanted = /^\/mood\/(\w+)$/.exec(url.pathname)?.[1]
    if (wanted !== undefined && (request.method === 'PUT' || request.method === 'POST')) {
      if (!isMood(wanted))
        return send({ status: 400, body: { error: `Moods: ${Object.keys(moods).join(', ')}` } })
      mood = wanted
      return send({ status: 200, body: { mood, meaning: moods[mood].meaning } })
    }
    if (url.pathname === '/health') return send({ status: 200, body: { mood } })

    serve(side, mood, request, url, random).then(send, (error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  return { server, mood: () => mood }
}

async function serve(
  side: 'legacy' | 'new',
  mood: Mood,
  request: IncomingMessage,
  url: URL,
  random: () => number,
): Promise<Answer> {
  const sent = await text(request)
  await sleep(latencyMs(typicalMs[side], random) * moods[mood].slowness)
  if (random() < moods[mood].failureRate)
    return { status: 500, body: { error: 'This service is in a bad mood' } }
  return side === 'legacy' ? legacyRoutes(request.method, url, sent) : newRoutes(request.method, url, sent)
}

/** Log-normal around the typical time, with a slow request in fifty, as services have them. */
function latencyMs(typical: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return typical * Math.exp(0.3 * normal) * (random() < 0.02 ? 4 : 1)
}

const nothingHere: Answer = { status: 404, body: { error: 'There is nothing here' } }

function legacyRoutes(method: string | undefined, url: URL, sent: string): Answer {
  const path = url.pathname
  if (path === '/v2/content_api/ping') return { status: 200, body: { pong: true } }
  if (path === '/v2/content_api/book.get_chapter_details') return chapterDetails(url.searchParams.get('id'))
  if (path === '/v2/content_api/book.chapters_by_status')
    return chaptersByStatus(url.searchParams.get('status'))
  if (path === '/v2/content_api/bookmarks' && method === 'POST') return bookmark(sent)
  const id = /^\/v2\/content_api\/author\/(\d+)$/.exec(path)?.[1]
  return id === undefined ? nothingHere : author(id)
}

function newRoutes(method: string | undefined, url: URL, sent: string): Answer {
  const path = url.pathname
  if (path === '/v2/ping') return { status: 200, body: { pong: true } }
  if (path === '/v2/chapter/get_details') return chapterDetails(url.searchParams.get('id'))
  if (path === '/v2/chapters') return chaptersByStatus(url.searchParams.get('status'))
  if (path === '/v3/bookmarks' && method === 'POST') return bookmark(sent)
  const id = /^\/v3\/authors\/(\d+)$/.exec(path)?.[1]
  return id === undefined ? nothingHere : author(id)
}
