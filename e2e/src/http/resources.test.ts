import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../harness/program.ts'
import { sleep } from './raw-exchange.ts'
import { echo, type Behaviour } from './recording-origin.ts'
import { checkUniversally } from './run-case.ts'
import { oldMemoryOf, openScene, type Scene } from './scene.ts'

const MB = 1_048_576
const BLOCK = Buffer.alloc(64 * 1024, 'x')

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
  for (let i = 0; i < 50; i++) await checkUniversally(scene)
})
afterAll(() => scene.close())
beforeEach(() => scene.origin.reset(echo))

describe('K. resources', () => {
  it('K01 a client that reads nothing holds the service back', async () => {
    let pushed = 0
    await scene.origin.reset({
      onComplete: ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${256 * MB}\r\n\r\n`)
        push(socket, 256 * MB, (bytes) => (pushed += bytes))
      },
    })
    const before = residentMb()
    const client = await open('GET /big HTTP/1.1\r\nHost: t\r\n\r\n')
    client.pause()
    await sleep(3_000)
    expect(pushed).toBeLessThan(16 * MB)
    expect(residentMb() - before).toBeLessThan(32)
    client.destroy()
    await checkUniversally(scene)
  })

  it('K02 a service that reads nothing holds the client back', async () => {
    await scene.origin.reset({ onHead: ({ socket }) => void socket.pause() })
    const before = residentMb()
    const client = await open(`POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: ${256 * MB}\r\n\r\n`)
    let pushed = 0
    push(client, 256 * MB, (bytes) => (pushed += bytes))
    await sleep(3_000)
    expect(pushed).toBeLessThan(16 * MB)
    expect(residentMb() - before).toBeLessThan(32)
    client.destroy()
    await checkUniversally(scene)
  })

  it('K03 a client that leaves ends the request of its service', async () => {
    await scene.origin.reset({})
    await expectClosedAfterClient(await open('GET /never HTTP/1.1\r\nHost: t\r\n\r\n'))
  })

  it('K04 and the answer that is under way', async () => {
    await scene.origin.reset(dripping)
    const client = await open('GET /drip HTTP/1.1\r\nHost: t\r\n\r\n')
    await once(client, 'data')
    await expectClosedAfterClient(client)
  })

  it('K05 a client that stops reading for good is let go of', async () => {
    await scene.origin.reset({
      onComplete: ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * MB}\r\n\r\n`)
        push(socket, 64 * MB, () => {})
      },
    })
    const client = await open('GET /big HTTP/1.1\r\nHost: t\r\n\r\n')
    client.pause()
    await until('the service let go of', () => isClosedUpstream('/big'), 12_000)
    client.destroy()
  })

  it('K06 memory does not grow with broken requests', async () => {
    const breakMany = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const client = await open('POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe')
        client.destroy()
      }
    }
    await breakMany(1_500)
    const before = await oldMemoryOf(scene.agent)
    await breakMany(1_500)
    await checkUniversally(scene)
    expect((await oldMemoryOf(scene.agent)) - before).toBeLessThan(16)
  })
})

const dripping: Behaviour = {
  onComplete: ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const timer = setInterval(() => socket.write('1\r\nx\r\n'), 50)
    socket.on('close', () => clearInterval(timer))
    socket.on('end', () => clearInterval(timer))
  },
}

async function open(head: string): Promise<Socket> {
  const socket = connect({ port: scene.port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(head)
  return socket
}

async function expectClosedAfterClient(client: Socket): Promise<void> {
  await until('the request at the service', () => scene.origin.connections.some(({ bytes }) => bytes > 0))
  await sleep(500)
  const left = performance.now()
  client.destroy()
  await until(
    'the end at the service',
    () => scene.origin.connections.every(({ closedAt }) => closedAt !== null),
    5_000,
  )
  expect(performance.now() - left).toBeLessThan(1_000)
  await checkUniversally(scene)
}

function isClosedUpstream(target: string): boolean {
  return scene.origin.connections.some(
    ({ parser, closedAt }) =>
      closedAt !== null && parser.requests.some((request) => request.target === target),
  )
}

/** Writes as fast as the other side takes it. */
function push(socket: Socket, total: number, count: (bytes: number) => void): void {
  let left = total
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= BLOCK.length
      // What waits in this process has not been pushed yet.
      if (!socket.write(BLOCK, () => count(BLOCK.length))) return void socket.once('drain', more)
    }
  }
  more()
}

function residentMb(): number {
  const status = readFileSync(`/proc/${scene.agent.program.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
}
