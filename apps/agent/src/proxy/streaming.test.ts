import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterBody, startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient, startRawUpstream, type RawUpstream } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

const MB = 1024 * 1024
const lengthAnswer = afterBody((body, response) => void response.end(`len=${body.length}`))
const chunk = Buffer.alloc(64 * 1024, 'x')

let rig: Rig
beforeEach(async () => {
  rig = await startRig(null)
})
afterEach(() => rig.close())

describe('bodies', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
    rig.install(aSnapshotBetween(upstream.url, upstream.url))
  })
  afterEach(() => upstream.close())

  it('stream 50 MB down without piling up on the way', async () => {
    let sent = 0
    upstream.answer(async (_request, response) => {
      for (; sent < 50 * MB; sent += chunk.length) {
        if (!response.write(chunk)) await once(response, 'drain')
      }
      response.end()
    })
    const asked = httpRequest(`${rig.url}/v2/books`).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    let bytes = 0
    let furthestAhead = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length
      furthestAhead = Math.max(furthestAhead, sent - bytes)
    }
    expect(bytes).toBe(50 * MB)
    expect(furthestAhead).toBeLessThan(24 * MB)
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, failure: null, bytesOut: 50 * MB })
  })

  it('stream 50 MB up without piling up on the way', async () => {
    let sent = 0
    let arrived = 0
    let furthestAhead = 0
    upstream.answer(async (request, response) => {
      for await (const part of request as AsyncIterable<Buffer>) {
        arrived += part.length
        furthestAhead = Math.max(furthestAhead, sent - arrived)
      }
      response.end('thanks')
    })
    const asked = httpRequest(`${rig.url}/v2/books`, {
      method: 'PUT',
      headers: { 'content-length': 50 * MB },
    })
    for (; sent < 50 * MB; sent += chunk.length) if (!asked.write(chunk)) await once(asked, 'drain')
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    expect(arrived).toBe(50 * MB)
    expect(furthestAhead).toBeLessThan(24 * MB)
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, bytesIn: 50 * MB })
  })

  it('stop coming when the client stops reading', async () => {
    let pushed = 0
    let stalled = () => {}
    const stopped = new Promise<void>((resolve) => {
      stalled = resolve
    })
    upstream.answer(async (_request, response) => {
      for (;;) {
        pushed += chunk.length
        if (response.write(chunk)) continue
        // No drain for a while means that nobody takes any more.
        const drained = once(response, 'drain').then(() => true)
        let quiet = true
        for (let i = 0; i < 2_000 && quiet; i++) quiet = !(await Promise.race([drained, turn(false)]))
        if (quiet || pushed > 64 * MB) return stalled()
      }
    })
    const socket = connect(rig.port, '127.0.0.1')
    socket.pause()
    socket.write('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    await stopped
    expect(pushed).toBeLessThan(32 * MB)
    socket.destroy()
    await rig.nextOutcome()
  })

  it('arrive bit by bit, not when they are whole', async () => {
    let more = () => {}
    upstream.answer((_request, response) => {
      response.write('first')
      more = () => response.end('second')
    })
    const client = await rawClient(rig.port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    expect(await client.until('first')).not.toContain('second')
    more()
    await client.until('second')
    client.socket.destroy()
  })

  it('let the head go ahead of them', async () => {
    upstream.answer((_request, response) => response.writeHead(200, { 'x-early': 'yes' }).flushHeaders())
    const client = await rawClient(rig.port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    await client.until('x-early: yes')
    client.socket.destroy()
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, failure: 'client-closed' })
  })
})

describe('when one side leaves', () => {
  let upstream: RawUpstream
  beforeEach(async () => {
    upstream = await startRawUpstream(() => {})
    rig.install(aSnapshotBetween(upstream.url, upstream.url))
  })
  afterEach(() => upstream.close())

  const begin = async (request = 'GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n') => {
    const socket = new Promise<Socket>((resolve) => upstream.onHead(resolve))
    const client = await rawClient(rig.port)
    client.send(request)
    return { client, service: await socket }
  }

  it('the service’s request ends with the client, before any answer', async () => {
    const { client, service } = await begin()
    client.socket.destroy()
    await once(service, 'close')
    expect(await rig.nextOutcome()).toMatchObject({ status: null, failure: 'client-closed' })
  })

  it('the service’s request ends with the client, in the middle of an answer', async () => {
    const { client, service } = await begin()
    service.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
    await client.until('x\r\n')
    client.socket.destroy()
    await once(service, 'close')
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, failure: 'client-closed', bytesOut: 1 })
  })

  it.each([
    ['a counted answer', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789'],
    ['a chunked answer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('%s cut off by the service never looks whole', async (_, part) => {
    const { client, service } = await begin()
    service.end(part)
    const { text } = await client.closed()
    expect(text.startsWith('HTTP/1.1 200 OK\r\n')).toBe(true)
    expect(text).not.toContain('\r\n0\r\n\r\n')
    expect(await rig.nextOutcome()).toMatchObject({
      status: 200,
      failure: expect.stringMatching(/reset|protocol/),
    })
  })

  it('an answer without length cut off by the service ends in a reset', async () => {
    const { client, service } = await begin()
    service.write('HTTP/1.1 200 OK\r\n\r\nhello')
    await client.until('hello')
    service.resetAndDestroy()
    expect(await client.closed()).toMatchObject({ reset: true })
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, failure: 'reset' })
  })

  it('an early final answer reaches a client that is still sending', async () => {
    const { client, service } = await begin(
      'POST /v2/books HTTP/1.1\r\nHost: t\r\nContent-Length: 50000000\r\n\r\nabc',
    )
    service.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig')
    expect(await client.until('big')).toMatch(/^HTTP\/1\.1 413 Too Large\r\n/)
    expect(await rig.nextOutcome()).toMatchObject({ status: 413, failure: null, bytesIn: 3 })
    // What still comes is read for a moment, so that the answer is not lost, then the connection ends.
    await rig.clock.advanceAsync(2_000)
    await client.closed()
  })
})

describe('Expect: 100-continue', () => {
  let upstream: RawUpstream
  beforeEach(async () => {
    upstream = await startRawUpstream(() => {})
    rig.install(aSnapshotBetween(upstream.url, upstream.url))
  })
  afterEach(() => upstream.close())
  const head = 'POST /v2/books HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n'

  it('is passed on, and the service’s 100 reaches the client once', async () => {
    upstream.onHead((socket, received) => {
      expect(received).toContain('Expect: 100-continue\r\n')
      socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      socket.on('data', (body: Buffer) => {
        if (body.includes('hello')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const client = await rawClient(rig.port)
    client.send(head)
    await client.until('100 Continue\r\n\r\n')
    client.send('hello')
    const text = await client.until('ok')
    expect(text.match(/100 Continue/g)).toHaveLength(1)
    expect(text).toMatch(/HTTP\/1\.1 200 OK\r\n/)
    client.socket.destroy()
  })

  it('can be turned down before any body is sent', async () => {
    upstream.onHead((socket) => void socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'))
    const client = await rawClient(rig.port)
    client.send(head)
    const { text } = await client.closed()
    expect(text).toMatch(/^HTTP\/1\.1 413 Too Large\r\n[^]*Connection: close\r\n/)
  })

  it('works with a service that ignores it', async () => {
    const deaf = await startUpstream()
    deaf.server.on('checkContinue', (request, response) => void lengthAnswer(request, response))
    rig.install(aSnapshotBetween(deaf.url, deaf.url))
    const client = await rawClient(rig.port)
    client.send(`${head}hello`)
    expect(await client.until('len=5')).not.toContain('100 Continue')
    client.socket.destroy()
    await deaf.close()
  })

  it('ends in 504 when the service says nothing', async () => {
    const arrived = new Promise<void>((resolve) => upstream.onHead(() => resolve()))
    const client = await rawClient(rig.port)
    client.send(head)
    await arrived
    await rig.clock.advanceAsync(30_000)
    expect(await client.until('service_timeout')).toMatch(/^HTTP\/1\.1 504/)
    client.socket.destroy()
  })
})
