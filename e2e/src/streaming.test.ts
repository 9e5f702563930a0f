import { createServer, request, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { bookPath, openScene, type Scene } from './harness/scene.ts'

const size = 200 * 1024 * 1024
const chunk = Buffer.alloc(64 * 1024, 'x')

let scene: Scene
let services: Record<'legacy' | 'new', Server>

beforeAll(async () => {
  scene = await openScene({ agents: ['one'] })
  services = { legacy: await bigService('legacy'), new: await bigService('new') }
  for (const side of ['legacy', 'new'] as const) {
    const id = scene.mapping[side].serviceId
    const { version, name } = await scene.controlPlane.api.call(
      'GET',
      `/api/v1/services/${id}`,
      serviceViewSchema,
    )
    const url = `http://127.0.0.1:${(services[side].address() as AddressInfo).port}`
    await scene.controlPlane.api.call('PUT', `/api/v1/services/${id}`, serviceViewSchema, {
      ifMatch: version,
      body: { name, instances: [url] },
    })
  }
  const { revision } = await scene.call.share(scene.mapping.id, 50)
  await scene.call.live(revision, 'one')
})

afterAll(async () => {
  for (const server of Object.values(services)) {
    server.closeAllConnections()
    server.close()
  }
  await scene.close()
})

/** Sends 200 MB to whoever asks, counts what it is sent, and echoes WebSocket messages with its name. */
async function bigService(name: string): Promise<Server> {
  const server = createServer((incoming, response) => {
    if (incoming.method === 'GET') {
      response.writeHead(200, { 'content-length': size })
      pipeline(Readable.from(chunks()), response).catch(() => response.destroy())
      return
    }
    let received = 0
    incoming.on('data', (data: Buffer) => (received += data.length))
    incoming.on('end', () => response.end(String(received)))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => socket.send(`${name}: ${data.toString()}`)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function* chunks(): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** The agent's memory while `work` runs, over what it was before. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const { pid } = scene.agents[0].program
  const before = await residentMb(pid)
  let most = before
  const timer = setInterval(() => void residentMb(pid).then((now) => (most = Math.max(most, now))), 50)
  await work()
  clearInterval(timer)
  return most - before
}

const cookie = 'uid=reader-1'

function upload(): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(scene.agents[0].url + bookPath, {
      method: 'POST',
      headers: { cookie, 'content-length': size },
    })
    call.on('response', (response) => {
      let body = ''
      response.on('data', (data: Buffer) => (body += data.toString())).on('end', () => resolve(body))
    })
    call.on('error', reject)
    pipeline(Readable.from(chunks()), call).catch(reject)
  })
}

function download(): Promise<number> {
  return new Promise((resolve, reject) => {
    request(scene.agents[0].url + bookPath, { headers: { cookie } }, (response) => {
      let received = 0
      response.on('data', (data: Buffer) => (received += data.length))
      response.on('end', () => resolve(received))
    })
      .on('error', reject)
      .end()
  })
}

describe('streaming through an agent', () => {
  it('passes 200 MB up and down with flat memory', async () => {
    await download()
    expect(await growthDuring(async () => expect(await download()).toBe(size))).toBeLessThan(96)
    expect(await growthDuring(async () => expect(await upload()).toBe(String(size)))).toBeLessThan(96)
  })

  it('gives a WebSocket the same side as a request of the same reader', async () => {
    const seen = { legacy: 0, new: 0 }
    for (let reader = 0; reader < 20; reader++) {
      const headers = { cookie: `uid=reader-${reader}` }
      const socket = new WebSocket(scene.agents[0].url.replace('http', 'ws') + bookPath, { headers })
      const echo = await new Promise<string>((resolve, reject) => {
        socket.on('open', () => socket.send('hello'))
        socket.on('message', (data: Buffer) => resolve(data.toString()))
        socket.on('error', reject)
      })
      socket.close()
      const side = await sideOfRequest(headers)
      expect(echo).toBe(`${side}: hello`)
      seen[side]++
    }
    expect(seen.legacy).toBeGreaterThan(0)
    expect(seen.new).toBeGreaterThan(0)
  })
})

/** The big service does not say its name in an answer, so the control plane is asked for the decision. */
async function sideOfRequest(headers: Record<string, string>): Promise<'legacy' | 'new'> {
  const { explanationSchema } = await import('@crossfade/contracts/api/preview')
  const body = { url: bookPath, headers }
  const { side } = await scene.controlPlane.api.call('POST', '/api/v1/explain', explanationSchema, { body })
  if (side === null) throw new Error('Not mapped')
  return side
}
