import { expect } from 'vitest'
import { G, P, served, type HttpCase, type Outcome } from '../case.ts'
import { echo, type Behaviour } from '../recording-origin.ts'
import { headerValues } from '../strict-parser.ts'

const B = 'GET /b HTTP/1.1\r\nHost: t\r\n\r\n'
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Says this to whatever is no /b; then ends the connection, or breaks it. */
const says = (text: string, then: 'keep' | 'fin' | 'rst' = 'keep'): Behaviour => ({
  onComplete: (exchange) => {
    const { request, socket } = exchange
    if (request.target === '/b') return echo.onComplete?.(exchange)
    socket.write(text, 'latin1')
    if (then === 'fin') socket.end()
    if (then === 'rst') setTimeout(() => socket.resetAndDestroy(), 20)
  },
})
const failsWith502 = (id: string, text: string, then?: 'fin'): HttpCase => ({
  id,
  send: [`${G}\r\n`],
  origin: says(text, then),
  expect: { answers: [502], upstream: 1 },
})
/** The next request on the same connection gets its own answer, on a fresh connection to the service. */
const ownAnswer = (first?: (outcome: Outcome) => void) => (outcome: Outcome) => {
  expect(outcome.text).not.toContain('poison')
  expect(outcome.answers[1]?.body).toBe('path=/b len=0')
  expect(outcome.upstream).toHaveLength(2)
  first?.(outcome)
}
const incomplete = (id: string, text: string, then: 'fin' | 'rst'): HttpCase => ({
  id,
  send: [`${G}\r\n`],
  origin: says(text, then),
  expect: {
    answers: [200],
    closes: true,
    upstream: 1,
    also: ({ answers, text: heard }) => {
      expect(answers[0]?.complete).toBe(false)
      expect(heard).not.toContain('\r\n0\r\n')
    },
  },
})
/** Answered whole, with these headers missing and these there. */
const passes = (id: string, text: string, also: (outcome: Outcome) => void, send = `${G}\r\n`): HttpCase => ({
  id,
  send: [send],
  origin: says(text),
  expect: served([200, 204, 205, 299, 304, 404, 599], also),
})
const secondDies: Behaviour = {
  onComplete: (exchange) => {
    if (exchange.nth === 1) echo.onComplete?.(exchange)
    else exchange.socket.resetAndDestroy()
  },
}

/** What services send back: RFC 9112 sections 6, 7.1.2, 8 and 9, RFC 9110 sections 6.5, 7.6.1 and 9.2.2. */
export const answers: readonly HttpCase[] = [
  passes(
    'G01 an answer passes as it is',
    'HTTP/1.1 299 Fine by me\r\nX-zEbra: 1\r\naccept-ranges: none\r\nContent-Length: 2\r\nX-Zebra: 2\r\n\r\nok',
    ({ answers: [answer] }) => {
      expect(answer).toMatchObject({ status: 299, reason: 'Fine by me', body: 'ok' })
      expect(answer?.headers).toEqual([
        'X-zEbra',
        '1',
        'accept-ranges',
        'none',
        'Content-Length',
        '2',
        'X-Zebra',
        '2',
      ])
    },
  ),
  {
    id: 'G02',
    send: ['HEAD /a HTTP/1.1\r\nHost: t\r\n\r\n', { pause: 400 }, B],
    origin: says(`HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n${POISON}`),
    expect: {
      answers: [200, 200],
      upstream: 2,
      also: ownAnswer(({ answers: [head] }) =>
        expect(headerValues(head?.headers ?? [], 'content-length')).toEqual(['60']),
      ),
    },
  },
  {
    id: 'G03',
    send: [`${G}\r\n`, { pause: 400 }, B],
    origin: says(OK + POISON),
    expect: {
      answers: [200, 200],
      upstream: 2,
      also: ownAnswer(({ answers: [first] }) => expect(first?.body).toBe('ok')),
    },
  },
  {
    id: 'G03b a little later',
    send: [`${G}\r\n`, { pause: 400 }, B],
    origin: {
      onComplete: (exchange) => {
        says(OK).onComplete?.(exchange)
        if (exchange.request.target !== '/b') setTimeout(() => exchange.socket.write(POISON), 100)
      },
    },
    expect: { answers: [200, 200], upstream: 2, also: ownAnswer() },
  },
  {
    id: 'G04a',
    send: [`${G}If-None-Match: "x"\r\n\r\n`, { pause: 400 }, B],
    origin: says('HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison'),
    expect: {
      answers: [[204, 502], 200],
      upstream: 2,
      also: ownAnswer(({ answers: [first] }) => {
        if (first?.status === 204) expect(headerValues(first.headers, 'content-length')).toEqual([])
      }),
    },
  },
  {
    id: 'G04b 304',
    send: [`${G}If-None-Match: "x"\r\n\r\n`, { pause: 400 }, B],
    origin: says('HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\nETag: "x"\r\n\r\npoison'),
    expect: { answers: [[304, 502], 200], upstream: 2, also: ownAnswer() },
  },
  {
    id: 'G04c 204 in chunks',
    send: [`${G}\r\n`, { pause: 400 }, B],
    origin: says('HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n6\r\npoison\r\n0\r\n\r\n'),
    expect: {
      answers: [[204, 502], 200],
      upstream: 2,
      also: ownAnswer(({ answers: [first] }) =>
        expect(headerValues(first?.headers ?? [], 'transfer-encoding')).toEqual([]),
      ),
    },
  },
  passes(
    'G05 304 keeps what it says about length',
    'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 6\r\n\r\n',
    ({ answers: [answer] }) => expect(answer?.status).toBe(304),
  ),
  failsWith502('G06', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok'),
  failsWith502('G06b a list', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 5\r\n\r\nok'),
  failsWith502('G06c no number', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'),
  failsWith502(
    'G07 length and coding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ),
  failsWith502('G08', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: z=1\r\nContent-Length: 2\r\n\r\nok'),
  failsWith502('G09 a bare LF', 'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: z=1\r\nContent-Length: 2\r\n\r\nok'),
  failsWith502('G10 a NUL', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok'),
  failsWith502('G11 a blank before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok'),
  passes(
    'G12',
    'HTTP/1.1 200 OK\r\nConnection: X-Int\r\nX-Int: 1\r\nKeep-Alive: timeout=99\r\nContent-Length: 2\r\n\r\nok',
    ({ answers: [answer] }) => {
      for (const name of ['x-int', 'keep-alive', 'proxy-connection'])
        expect(headerValues(answer?.headers ?? [], name)).toEqual([])
      expect(answer?.body).toBe('ok')
    },
  ),
  passes(
    'G12b framing cannot be listed away',
    'HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\nok',
    ({ answers: [answer] }) => expect(answer?.body).toBe('ok'),
  ),
  failsWith502('G13 something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  failsWith502('G13b another version', 'HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  failsWith502('G13c a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'),
  failsWith502('G14', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1_048_576)}\r\nContent-Length: 2\r\n\r\nok`),
  {
    id: 'G14b a status line',
    send: [`${G}\r\n`],
    origin: says(`HTTP/1.1 200 ${'a'.repeat(1_048_576)}\r\nContent-Length: 0\r\n\r\n`),
    expect: {
      answers: [[200, 502]],
      upstream: 1,
      also: ({ text }) => expect(text.length).toBeLessThan(70_000),
    },
  },
  failsWith502('G14c many lines', `HTTP/1.1 200 OK\r\n${'X: 1\r\n'.repeat(50_000)}\r\n`),
  incomplete('G15', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789', 'fin'),
  incomplete('G15b reset', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789', 'rst'),
  incomplete('G16', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'fin'),
  incomplete('G16b within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel', 'fin'),
  incomplete(
    'G16c a chunk that is none',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n',
    'fin',
  ),
  {
    id: 'G17 a body that only the end delimits',
    send: [`${G}\r\n`],
    origin: says('HTTP/1.1 200 OK\r\n\r\nhello', 'fin'),
    expect: {
      ...served(),
      closes: true,
      also: ({ answers: [answer], reset }) => {
        expect(answer).toMatchObject({ body: 'hello', complete: true })
        expect(reset).toBe(false)
      },
    },
  },
  {
    id: 'G17b cut',
    send: [`${G}\r\n`],
    origin: says('HTTP/1.1 200 OK\r\n\r\nhello', 'rst'),
    expect: { answers: [200], closes: true, upstream: 1, also: ({ reset }) => expect(reset).toBe(true) },
  },
  {
    id: 'G18 nothing, then the end',
    send: [`${P}Content-Length: 0\r\n\r\n`],
    origin: says('', 'fin'),
    expect: { answers: [502], upstream: 1 },
  },
  {
    id: 'G19 half a head',
    send: [`${P}Content-Length: 0\r\n\r\n`],
    origin: says('HTTP/1.1 200 OK\r\nContent-Le', 'fin'),
    expect: { answers: [502], upstream: 1 },
  },
  {
    id: 'G20',
    send: [`${P}Content-Length: 5\r\n\r\nhello`],
    origin: { onComplete: ({ socket }) => void socket.resetAndDestroy() },
    expect: { answers: [502], upstream: 1 },
  },
  {
    id: 'G21',
    send: [
      'GET /w HTTP/1.1\r\nHost: t\r\n\r\n',
      { pause: 400 },
      'GET /x HTTP/1.1\r\nHost: t\r\n\r\n',
      { pause: 400 },
    ],
    origin: secondDies,
    expect: {
      answers: [200, 200],
      upstream: 3,
      also: ({ answers: list }) => expect(list[1]?.body).toBe('path=/x len=0'),
    },
  },
  {
    id: 'G22',
    send: [
      'GET /w HTTP/1.1\r\nHost: t\r\n\r\n',
      { pause: 400 },
      'POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello',
      { pause: 400 },
    ],
    origin: secondDies,
    expect: { answers: [200, 502], upstream: 2 },
  },
  {
    id: 'G23',
    send: [`${G}\r\n`],
    origin: {},
    expect: {
      answers: [504],
      upstream: 1,
      also: ({ tookMs, upstream }) => {
        expect(tookMs).toBeGreaterThan(3_000)
        expect(tookMs).toBeLessThan(7_000)
        expect(
          upstream
            .filter(({ parser }) => parser.requests[0]?.target === '/a')
            .every(({ closedAt }) => closedAt !== null),
        ).toBe(true)
      },
    },
  },
  passes(
    'G24',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\nSet-Cookie: z=1\r\nContent-Length: 9\r\n\r\n',
    ({ answers: [answer] }) => {
      expect(answer).toMatchObject({ body: 'ok', complete: true, trailers: [] })
      expect(answer?.headers.join()).not.toMatch(/z=1|X-T/)
    },
  ),
  passes(
    'G24b to a client that wants them',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\nSet-Cookie: z=1\r\nAuthorization: x\r\n\r\n',
    ({ answers: [answer] }) => {
      expect(answer).toMatchObject({ body: 'ok', complete: true, trailers: ['X-T', '1'] })
      expect(headerValues(answer?.headers ?? [], 'trailer')).toEqual(['X-T'])
    },
    `${G}Connection: TE\r\nTE: trailers\r\n\r\n`,
  ),
  passes(
    'G25 chunk extensions end here',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0;c\r\n\r\n',
    ({ answers: [answer], text }) => {
      expect(answer).toMatchObject({ body: 'ok', complete: true })
      expect(text).not.toContain('a=b')
    },
  ),
  {
    id: 'G26',
    send: ['GET /a HTTP/1.0\r\nHost: t\r\n\r\n'],
    origin: says('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
    expect: {
      ...served(),
      closes: true,
      also: ({ answers: [answer] }) => {
        expect(answer?.body).toBe('hello')
        expect(headerValues(answer?.headers ?? [], 'transfer-encoding')).toEqual([])
      },
    },
  },
  {
    id: 'G26b cut for an HTTP/1.0 client',
    send: ['GET /a HTTP/1.0\r\nHost: t\r\n\r\n'],
    origin: says('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'fin'),
    expect: { answers: [200], closes: true, upstream: 1, also: ({ reset }) => expect(reset).toBe(true) },
  },
  {
    id: 'G26c keep-alive for an HTTP/1.0 client that asks',
    send: [
      'GET /a HTTP/1.0\r\nHost: t\r\nConnection: keep-alive\r\n\r\n',
      { pause: 100 },
      'GET /b HTTP/1.0\r\nHost: t\r\n\r\n',
    ],
    origin: echo,
    expect: { answers: [[200], 200], closes: true, upstream: 2 },
  },
  passes(
    'G27 an HTTP/1.0 service',
    'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    ({ answers: [answer] }) => expect(answer?.body).toBe('ok'),
  ),
  passes(
    'G28 a status nobody knows',
    'HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok',
    ({ answers: [answer] }) => expect(answer?.reason).toBe('Odd'),
  ),
  passes('G29 no reason', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', ({ answers: [answer] }) =>
    expect(answer?.body).toBe('ok'),
  ),
  failsWith502(
    'G30 a coding that is not chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\nok',
  ),
  {
    id: 'G31 more than the length',
    send: [`${G}\r\n`, { pause: 400 }, B],
    origin: says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokextra'),
    expect: {
      answers: [200, 200],
      upstream: 2,
      also: ownAnswer(({ answers: [first] }) => expect(first?.body).toBe('ok')),
    },
  },
  {
    id: 'G32 cookies stay apart',
    send: [`${G}\r\n`],
    origin: says('HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n'),
    expect: served(200, ({ answers: [answer] }) =>
      expect(headerValues(answer?.headers ?? [], 'set-cookie')).toEqual(['a=1', 'b=2']),
    ),
  },
]
