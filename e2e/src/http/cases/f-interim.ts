import { expect } from 'vitest'
import { G, P, served, type HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'
import type { Behaviour } from '../recording-origin.ts'
import { headerValues } from '../strict-parser.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const SWITCH = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`
const handshake = (version: number, minor = 1) =>
  `GET /ws HTTP/1.${minor}\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}Sec-WebSocket-Version: ${version}\r\n\r\n`
const interimThenOk = (...interim: readonly string[]): Behaviour => ({
  onComplete: ({ socket }) => {
    for (const [i, head] of interim.entries()) setTimeout(() => socket.write(head), 20 * i)
    setTimeout(() => socket.write(OK), 20 * interim.length + 30)
  },
})
const onHead = (...heads: readonly string[]): Behaviour => ({
  onHead: ({ socket }) => {
    for (const head of heads) socket.write(head)
  },
})
const statuses = (list: readonly { readonly status: number }[]) => list.map(({ status }) => status)

/** Expect, interim answers, upgrades: RFC 9110 sections 10.1.1, 15.2 and 7.8, RFC 6455. */
export const interim: readonly HttpCase[] = [
  {
    id: 'F01',
    send: [`${P}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`, { pause: 600 }, 'hello'],
    origin: {
      onHead: ({ socket }) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
      onComplete: ({ socket, request }) => void socket.write(OK.replace('ok', `${request.body.length}!`)),
    },
    expect: served(200, ({ interim: early, answers, upstream }) => {
      expect(statuses(early)).toEqual([100])
      expect(answers[0]?.body).toBe('5!')
      expect(headerValues(requestsAt(upstream)[0]?.headers ?? [], 'expect')).toEqual(['100-continue'])
    }),
  },
  {
    id: 'F02',
    send: [`${P}Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n`, { pause: 800 }],
    origin: onHead('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    expect: {
      answers: [413],
      upstream: 0,
      begun: 1,
      also: ({ tookMs, interim: early }) => {
        expect(tookMs).toBeLessThan(3_000)
        expect(early).toEqual([])
      },
    },
  },
  {
    id: 'F03',
    send: [
      `${P}Content-Length: 50000000\r\n\r\n${'x'.repeat(200_000)}`,
      { pause: 300 },
      'x'.repeat(4_000_000),
    ],
    origin: {
      onHead: ({ socket }) => {
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        socket.pause()
        setTimeout(() => socket.resume(), 3_000)
      },
    },
    expect: { answers: [413], closes: true, upstream: 0, begun: 1 },
  },
  {
    id: 'F04 an expectation nobody knows',
    send: [`${P}Content-Length: 5\r\nExpect: cake\r\n\r\nhello`],
    expect: { answers: [417], upstream: 0 },
  },
  { id: 'F05 nothing expected of no body', send: [`${G}Expect: 100-continue\r\n\r\n`], expect: served() },
  {
    id: 'F06 the client does not wait',
    send: [`${P}Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello`],
    expect: served(200, ({ answers }) => expect(answers[0]?.body).toBe('path=/a len=5')),
  },
  {
    id: 'F06b an HTTP/1.0 client cannot expect',
    send: ['POST /a HTTP/1.0\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello'],
    expect: served(200, ({ interim: early }) => expect(early).toEqual([])),
  },
  {
    id: 'F07',
    send: [`${G}\r\n`],
    origin: interimThenOk('HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n'),
    expect: served(200, ({ interim: early }) => {
      expect(statuses(early)).toEqual([103])
      expect(early[0]?.headers).toEqual(['Link', '</s.css>; rel=preload'])
    }),
  },
  {
    id: 'F07b not to HTTP/1.0',
    send: ['GET /a HTTP/1.0\r\nHost: t\r\n\r\n'],
    origin: interimThenOk('HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n'),
    expect: served(200, ({ interim: early }) => expect(early).toEqual([])),
  },
  {
    id: 'F08 several, of any kind',
    send: [`${G}\r\n`],
    origin: interimThenOk(
      'HTTP/1.1 102 Processing\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nX-A: 1\r\n\r\n',
      'HTTP/1.1 199 Odd\r\nX-B: 2\r\nConnection: X-C\r\nX-C: 3\r\n\r\n',
    ),
    expect: served(200, ({ interim: early }) => {
      expect(statuses(early)).toEqual([102, 103, 199])
      expect(early[2]?.headers).toEqual(['X-B', '2'])
    }),
  },
  {
    id: 'F08b a 100 nobody asked for',
    send: [`${P}Content-Length: 5\r\n\r\nhello`],
    origin: interimThenOk('HTTP/1.1 100 Continue\r\n\r\n'),
    expect: served(200, ({ interim: early }) => expect(statuses(early)).toEqual([100])),
  },
  {
    id: 'F09',
    send: [`${G}\r\n`],
    origin: onHead('HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\nxxxx'),
    expect: {
      answers: [502],
      upstream: 1,
      also: ({ upstream }) => expect(upstream.every(({ closedAt }) => closedAt !== null)).toBe(true),
    },
  },
  {
    id: 'F10',
    send: [
      `${G}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
    ],
    expect: served(200, ({ upstream }) => {
      const headers = requestsAt(upstream)[0]?.headers ?? []
      expect([...headerValues(headers, 'upgrade'), ...headerValues(headers, 'http2-settings')]).toEqual([])
    }),
  },
  {
    id: 'F11',
    send: [handshake(777), { pause: 500 }, 'GET /admin/smuggled HTTP/1.1\r\nHost: t\r\n\r\n'],
    origin: onHead('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\n\r\n'),
    expect: {
      answers: [426],
      closes: true,
      upstream: 1,
      also: ({ admin }) => expect(requestsAt(admin)).toEqual([]),
    },
  },
  {
    id: 'F11b in the same packet',
    send: [`${handshake(13)}GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n`],
    origin: onHead('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
    expect: { answers: [403], closes: true, upstream: 1 },
  },
  {
    id: 'F12 a switch',
    send: [handshake(13), { pause: 300 }, 'ping'],
    origin: {
      onHead: ({ socket }) => {
        socket.write(`${SWITCH}welcome`)
        socket.on('data', (bytes) => socket.end(`, ${bytes.toString()}`))
      },
    },
    expect: {
      answers: [101],
      closes: true,
      upstream: 1,
      also: ({ answers }) => expect(answers[0]?.body).toBe('welcome, ping'),
    },
  },
  {
    id: 'F13 a switch with the wrong accept',
    send: [handshake(13)],
    origin: onHead(SWITCH.replace(ACCEPT, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')),
    expect: { answers: [502], closes: true, upstream: 1 },
  },
  {
    id: 'F13b a switch to something else',
    send: [handshake(13)],
    origin: onHead(SWITCH.replace('Upgrade: websocket', 'Upgrade: h2c')),
    expect: { answers: [502], closes: true, upstream: 1 },
  },
  {
    id: 'F14',
    send: [handshake(13, 0)],
    origin: {
      onHead: ({ socket, request }) => {
        const wants = headerValues(request.headers, 'upgrade').length > 0
        socket.write(wants ? SWITCH : OK)
      },
    },
    expect: served(200),
  },
  {
    id: 'F15 POST does not switch',
    send: [
      `POST /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n`,
    ],
    expect: served([200, 400], ({ upstream }) =>
      expect(headerValues(requestsAt(upstream)[0]?.headers ?? [], 'upgrade')).toEqual([]),
    ),
  },
  {
    id: 'F16 an upgrade with a body',
    send: [
      handshake(13).replace('\r\n\r\n', '\r\nContent-Length: 35\r\n\r\n'),
      'GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n',
    ],
    expect: { answers: [400], upstream: 0 },
  },
  {
    id: 'F16b an upgrade with chunks',
    send: [
      handshake(13).replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
      '23\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n\r\n0\r\n\r\n',
    ],
    expect: { answers: [400], upstream: 0 },
  },
  {
    id: 'F16c an upgrade that expects',
    send: [handshake(13).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n')],
    origin: onHead('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
    expect: served(403, ({ upstream }) => {
      const { headers = [] } = requestsAt(upstream)[0] ?? {}
      expect(headerValues(headers, 'x-forwarded-for')).toEqual(['127.0.0.1'])
      expect(headerValues(headers, 'expect')).toEqual([])
    }),
  },
  {
    id: 'F17 Upgrade without Connection is nothing',
    send: [`${G}Upgrade: websocket\r\n${KEY}\r\n`],
    expect: served(200, ({ upstream }) =>
      expect(headerValues(requestsAt(upstream)[0]?.headers ?? [], 'upgrade')).toEqual([]),
    ),
  },
]
