import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { aMapping, aMatch, anEnvironment, aRewrite, aSplit, aTarget } from '@crossfade/testkit/builders'
import type { Environment, Mapping } from '@crossfade/core/model'
import { startUpstream, type Received, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

let legacy: Upstream
let fresh: Upstream
let rig: Rig
beforeEach(async () => {
  legacy = await startUpstream((_request, response) => void response.end('legacy'))
  fresh = await startUpstream((_request, response) => void response.end('new'))
  rig = await startRig(null)
})
afterEach(async () => {
  await rig.close()
  await Promise.all([legacy.close(), fresh.close()])
})

const use = (mapping: Partial<Mapping>, environment: Partial<Environment> = {}) =>
  rig.install(
    aSnapshotBetween(legacy.url, fresh.url, {
      mappings: [aMapping({ split: aSplit({ share: 10_000 }), ...mapping })],
      environment: anEnvironment(environment),
    }),
  )

const ask = async (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) => {
  const sent = httpRequest(`${rig.url}${path}`, {
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
  })
  sent.end(options.body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { answer, body: await text(answer) }
}

/** The same header lines as sent, as bytes; the answer's side, and what arrived there. */
const askRaw = async (lines: readonly string[], target = '/v2/books', version = '1.1'): Promise<Received> => {
  const client = await rawClient(rig.port)
  client.send(`GET ${target} HTTP/${version}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`)
  await rig.nextOutcome()
  client.socket.destroy()
  const received = [...legacy.received, ...fresh.received].at(-1)
  if (!received) throw new Error(`Nothing arrived: ${client.text()}`)
  return received
}

describe('a request that goes to new', () => {
  it('arrives with path, query and headers rewritten and its body whole', async () => {
    use({
      match: aMatch({ kind: 'template', template: '/v2/author/:author/book' }),
      new: aTarget({
        serviceId: 'new-books',
        host: { kind: 'service' },
        rewrite: aRewrite({
          path: { kind: 'template', template: '/v3/authors/:author/books' },
          query: { set: { source: 'old app' }, drop: ['debug'] },
          headers: { set: { 'x-api': '3' }, drop: ['x-old'] },
        }),
      }),
    })
    const { body } = await ask('/v2/author/J%C3%BCrgen%2FX/book?a=1&debug=1&a=2', {
      method: 'POST',
      headers: { 'x-old': '1', 'X-Kept': 'yes', 'content-type': 'text/plain' },
      body: 'a body',
    })

    expect(body).toBe('new')
    const [received] = fresh.received
    expect(received?.method).toBe('POST')
    expect(received?.target).toBe('/v3/authors/J%C3%BCrgen%2FX/books?a=1&a=2&source=old%20app')
    expect(received?.body.toString()).toBe('a body')
    expect(received?.header('x-api')).toBe('3')
    expect(received?.header('x-old')).toBeUndefined()
    expect(received?.header('x-kept')).toBe('yes')
    expect(received?.header('host')).toBe(`127.0.0.1:${fresh.port}`)
    expect(received?.header('x-original-uri')).toBe('/v2/author/J%C3%BCrgen%2FX/book?a=1&debug=1&a=2')
    expect(await rig.nextOutcome()).toMatchObject({
      mappingId: 'books',
      side: 'new',
      via: 'split',
      status: 200,
      failure: null,
      bytesIn: 6,
      bytesOut: 3,
    })
  })

  it('follows the share of who asks', async () => {
    use({ split: aSplit({ share: 2_500 }) })
    const sides = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, i) => (await ask('/v2/books', { headers: { cookie: `uid=u${i}` } })).body,
      ),
    )
    expect(new Set(sides)).toEqual(new Set(['legacy', 'new']))
  })

  it('keeps the body of any method framed, also DELETE and GET', async () => {
    use({})
    for (const method of ['DELETE', 'GET', 'OPTIONS', 'PATCH']) {
      await ask('/v2/books', { method, headers: { 'transfer-encoding': 'chunked' }, body: 'GET /smuggled' })
    }
    expect(fresh.received.map(({ method, body }) => [method, body.toString()])).toEqual([
      ['DELETE', 'GET /smuggled'],
      ['GET', 'GET /smuggled'],
      ['OPTIONS', 'GET /smuggled'],
      ['PATCH', 'GET /smuggled'],
    ])
  })

  it('has its answer mapped back to the public address', async () => {
    use({
      match: aMatch({ kind: 'prefix', path: '/shop' }),
      new: aTarget({
        serviceId: 'new-books',
        host: { kind: 'service' },
        rewrite: aRewrite({ path: { kind: 'prefix', to: '/internal/cart' } }),
      }),
    })
    fresh.answer((_request, response) => {
      response.writeHead(302, [
        'Location',
        `${fresh.url}/internal/cart/7`,
        'Set-Cookie',
        'a=1; Path=/internal/cart',
        'X-Plain',
        `${fresh.url}/internal/cart/7`,
      ])
      response.end()
    })
    const { answer } = await ask('/shop/7', { headers: { host: 'shop.example' } })
    expect(fresh.received[0]?.target).toBe('/internal/cart/7')
    expect(answer.headers.location).toBe('http://shop.example/shop/7')
    expect(answer.headers['set-cookie']).toEqual(['a=1; Path=/shop'])
    expect(answer.headers['x-plain']).toBe(`${fresh.url}/internal/cart/7`)
  })

  it('is refused when its rewrite would make a path that can be read two ways', async () => {
    use({
      match: aMatch({ kind: 'regex', pattern: '^/x/b(?P<rest>[^/]+)$', position: 1 }),
      new: aTarget({
        serviceId: 'new-books',
        rewrite: aRewrite({ path: { kind: 'template', template: '/y/:rest' } }),
      }),
    })
    const { answer } = await ask('/x/b..')
    expect(answer.statusCode).toBe(400)
    expect(fresh.received).toHaveLength(0)
  })
})

describe('the headers a service sees', () => {
  it('tell where the request came from', async () => {
    use({}, { sendForwarded: true })
    const received = await askRaw(['Host: shop.example:8080', 'Accept: */*'], '/v2/books?x=1')
    expect(received.header('x-forwarded-for')).toBe('127.0.0.1')
    expect(received.header('x-forwarded-proto')).toBe('http')
    expect(received.header('x-forwarded-host')).toBe('shop.example:8080')
    expect(received.header('forwarded')).toBe('for=127.0.0.1;host="shop.example:8080";proto=http')
    expect(received.header('x-real-ip')).toBe('127.0.0.1')
    expect(received.header('x-original-uri')).toBe('/v2/books?x=1')
    expect(received.header('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(received.header('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(received.header('via')).toBe('1.1 crossfade-agent-one')
  })

  it('have no Forwarded unless asked for', async () => {
    use({})
    expect((await askRaw(['Host: t'])).header('forwarded')).toBeUndefined()
  })

  it('give legacy and default services the Host of the client', async () => {
    use({ split: aSplit({ share: 0 }) })
    expect((await askRaw(['Host: shop.example'])).header('host')).toBe('shop.example')
    expect((await askRaw(['Host: shop.example'], '/unmapped')).header('host')).toBe('shop.example')
  })

  it('give a side the Host its target fixes', async () => {
    use({ new: aTarget({ serviceId: 'new-books', host: { kind: 'fixed', value: 'api.internal' } }) })
    expect((await askRaw(['Host: shop.example'])).header('host')).toBe('api.internal')
  })

  it('cannot be forged by a stranger', async () => {
    use({})
    const received = await askRaw([
      'Host: t',
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-Host: evil',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 1',
      'Forwarded: for=6.6.6.6',
      'X-Real-IP: 6.6.6.6',
      'X-Original-URI: /admin',
    ])
    expect(received.header('x-forwarded-for')).toBe('127.0.0.1')
    expect(received.header('x-forwarded-host')).toBe('t')
    expect(received.header('x-forwarded-proto')).toBe('http')
    expect(received.header('x-real-ip')).toBe('127.0.0.1')
    expect(received.header('x-original-uri')).toBe('/v2/books')
    expect(received.header('x-forwarded-port')).toBeUndefined()
    expect(received.header('forwarded')).toBeUndefined()
  })

  it('cannot be deleted by a stranger’s Connection', async () => {
    use({})
    const received = await askRaw([
      'Host: t',
      'Connection: close, X-Forwarded-For, X-Real-IP, X-Secret, Via, X-Request-Id, Host',
      'X-Forwarded-For: 6.6.6.6',
      'X-Secret: s',
      'X-Keep: k',
    ])
    expect(received.header('x-forwarded-for')).toBe('127.0.0.1')
    expect(received.header('x-real-ip')).toBe('127.0.0.1')
    expect(received.header('via')).toBe('1.1 crossfade-agent-one')
    expect(received.header('x-request-id')).toBeDefined()
    expect(received.header('host')).toBeDefined()
    expect(received.header('x-secret')).toBeUndefined()
    expect(received.header('x-keep')).toBe('k')
  })

  it('leave out what is about the client’s connection, and our own secrets', async () => {
    use({})
    const received = await askRaw([
      'Host: t',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'TE: gzip',
      'Upgrade: foo',
      'Proxy-Authorization: Basic eA==',
      'X-Crossfade-Key: secret',
      'X-Crossfade-Debug: 1',
    ])
    for (const name of [
      'keep-alive',
      'proxy-connection',
      'te',
      'upgrade',
      'proxy-authorization',
      'x-crossfade-key',
      'x-crossfade-debug',
    ]) {
      expect([name, received.header(name)]).toEqual([name, undefined])
    }
  })

  it('keep their case, order, repetitions and bytes', async () => {
    use({})
    const received = await askRaw([
      'Host: t',
      'X-b: 2',
      'x-A: caf\u00e9',
      'X-B: 1',
      'Cookie: a=1',
      'Cookie: b=2',
    ])
    expect(received.rawHeaders.join('|')).toContain('X-b|2|x-A|caf\u00e9|X-B|1|Cookie|a=1|Cookie|b=2')
  })

  it('keep a well-formed request id and make one for any other', async () => {
    use({})
    expect((await askRaw(['Host: t', 'X-Request-Id: req-1.a'])).header('x-request-id')).toBe('req-1.a')
    expect((await askRaw(['Host: t', 'X-Request-Id: a b"c'])).header('x-request-id')).toMatch(
      /^[0-9a-f]{32}$/,
    )
  })

  it('continue a valid trace and start one for any other', async () => {
    use({})
    const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const continued = await askRaw(['Host: t', `traceparent: ${given}`, 'tracestate: a=1'])
    expect([continued.header('traceparent'), continued.header('tracestate')]).toEqual([given, 'a=1'])
    const started = await askRaw([
      'Host: t',
      `traceparent: 00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      'tracestate: a=1',
    ])
    expect(started.header('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(started.header('tracestate')).toBeUndefined()
  })

  it('add to what trusted hops said', async () => {
    use({}, { trustedHops: ['127.0.0.0/8', '10.0.0.0/8'], sendForwarded: true })
    const received = await askRaw([
      'Host: inner',
      'X-Forwarded-For: 6.6.6.6, 203.0.113.9',
      'X-Forwarded-For: 10.1.1.1',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: shop.example',
      'Forwarded: for=203.0.113.9',
      'Via: 1.1 edge',
    ])
    expect(received.header('x-forwarded-for')).toBe('6.6.6.6, 203.0.113.9, 10.1.1.1, 127.0.0.1')
    expect(received.header('x-real-ip')).toBe('203.0.113.9')
    expect(received.header('x-forwarded-proto')).toBe('https')
    expect(received.header('x-forwarded-host')).toBe('shop.example')
    expect(received.header('forwarded')).toBe('for=203.0.113.9, for=127.0.0.1;host="inner";proto=http')
    expect(received.header('via')).toBe('1.1 edge, 1.1 crossfade-agent-one')
  })
})

describe('a request that came through this agent before', () => {
  it('is answered 508 and goes nowhere', async () => {
    use({})
    const { answer, body } = await ask('/v2/books', { headers: { via: '1.1 edge, 1.1 crossfade-agent-one' } })
    expect(answer.statusCode).toBe(508)
    expect(JSON.parse(body)).toMatchObject({ code: 'loop_detected' })
    expect(fresh.received).toHaveLength(0)
  })
})

describe('debug headers', () => {
  const key = 'let me see'
  const callers = {
    keyDigests: [createHash('sha256').update(key).digest('hex')],
    segmentId: null,
  }

  it('tell an allowed caller who asks what was decided and why', async () => {
    use({ split: aSplit({ share: 0 }), name: 'Books, all' }, { callers })
    const { answer } = await ask('/v2/books', {
      headers: { 'x-crossfade-debug': '1', 'x-crossfade-key': key },
    })
    expect(answer.headers).toMatchObject({
      'x-crossfade-side': 'legacy',
      'x-crossfade-mapping': 'Books,%20all',
      'x-crossfade-reason': 'nobody',
      'x-crossfade-revision': '1',
    })
  })

  it('tell nobody else anything', async () => {
    use({}, { callers })
    const answers = [
      await ask('/v2/books', { headers: { 'x-crossfade-debug': '1' } }),
      await ask('/v2/books', { headers: { 'x-crossfade-debug': '1', 'x-crossfade-key': 'guess' } }),
      await ask('/v2/books', { headers: { 'x-crossfade-key': key } }),
    ]
    for (const { answer } of answers)
      expect(answer.rawHeaders.join().toLowerCase()).not.toContain('crossfade')
  })

  it('let an allowed caller force a side', async () => {
    use({ split: aSplit({ share: 0 }) }, { callers, forcedSide: { header: 'x-side', cookie: null } })
    const allowed = { 'x-side': 'new', 'x-crossfade-key': key }
    expect((await ask('/v2/books', { headers: allowed })).body).toBe('new')
    expect((await ask('/v2/books', { headers: { 'x-side': 'new' } })).body).toBe('legacy')
    expect(rig.outcomes.map(({ via }) => via)).toEqual(['steered', 'split'])
  })
})

describe('the original address on answers', () => {
  it('is given where the mapping says so', async () => {
    use({ originalUriOnAnswers: true })
    expect((await ask('/v2/books?a=1')).answer.headers['x-original-uri']).toBe('/v2/books?a=1')
    use({ originalUriOnAnswers: false })
    expect((await ask('/v2/books?a=1')).answer.headers['x-original-uri']).toBeUndefined()
  })
})

describe('a request under way while the configuration changes', () => {
  it('ends with the one it began with', async () => {
    use({})
    let release: (() => void) | undefined
    const arrived = new Promise<void>((resolve) => {
      fresh.answer((_request, response) => {
        release = () => response.end('new, later')
        resolve()
      })
    })
    const asked = ask('/v2/books')
    await arrived
    // The new service is gone from this configuration altogether.
    rig.install(aSnapshotBetween(legacy.url, legacy.url, { mappings: [aMapping({ split: aSplit() })] }))
    release?.()
    expect((await asked).body).toBe('new, later')
    expect((await ask('/v2/books')).body).toBe('legacy')
  })
})
