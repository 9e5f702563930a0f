import { expect } from 'vitest'
import { G, K, P, refused, SM, type HttpCase } from '../case.ts'
import type { Step } from '../raw-exchange.ts'

const three = ['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`).join('')
const every = (ms: number, times: number, bytes: (i: number) => string): Step[] =>
  Array.from({ length: times }, (_, i): Step[] => [{ pause: ms }, bytes(i)]).flat()

/** Connections and slow clients: RFC 9112 section 9, RFC 9110 section 15.5.9. */
export const connections: readonly HttpCase[] = [
  {
    id: 'H01',
    send: [three],
    expect: {
      answers: [200, 200, 200],
      upstream: 3,
      also: ({ answers }) =>
        expect(answers.map(({ body }) => body)).toEqual(['path=/1 len=0', 'path=/2 len=0', 'path=/3 len=0']),
    },
  },
  {
    id: 'H01b with bodies',
    send: [`${P}Content-Length: 3\r\n\r\nabc${K}2\r\nde\r\n0\r\n\r\n${G}\r\n`],
    expect: {
      answers: [200, 200, 200],
      upstream: 3,
      also: ({ answers }) =>
        expect(answers.map(({ body }) => body)).toEqual(['path=/a len=3', 'path=/a len=2', 'path=/a len=0']),
    },
  },
  {
    id: 'H01c split at every byte',
    send: three.split(''),
    expect: { answers: [200, 200, 200], upstream: 3 },
  },
  {
    id: 'H01d the first answer comes last',
    send: [three],
    origin: {
      onComplete: ({ request, socket }) => {
        const answer = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${request.target}`
        setTimeout(() => socket.write(answer), request.target === '/1' ? 300 : 0)
      },
    },
    expect: {
      answers: [200, 200, 200],
      upstream: 3,
      also: ({ answers }) => expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', '/3']),
    },
  },
  {
    id: 'H02',
    send: ['GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGARBAGE\r\n\r\n'],
    expect: { answers: [200, 400], closes: true, upstream: 1 },
  },
  {
    id: 'H02b while the answer is under way',
    send: ['GET /1 HTTP/1.1\r\nHost: t\r\n\r\n', { pause: 100 }, 'GARBAGE\r\n\r\n'],
    origin: {
      onComplete: ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234')
        setTimeout(() => socket.write('56789'), 400)
      },
    },
    expect: {
      answers: [200, 400],
      closes: true,
      upstream: 1,
      also: ({ answers }) => expect(answers[0]?.body).toBe('0123456789'),
    },
  },
  {
    id: 'H02c bytes after a refusal mean nothing',
    send: [`GET /1 HTTP/1.1\r\n\r\n${SM}`],
    expect: refused(),
  },
  {
    id: 'H03',
    send: [`GET /1 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n${SM}`],
    expect: { answers: [200], closes: true, upstream: 1 },
  },
  {
    id: 'H03b in any case',
    send: [`GET /1 HTTP/1.1\r\nHost: t\r\nconnection: keep-alive, CLOSE\r\n\r\n${SM}`],
    expect: { answers: [200], closes: true, upstream: 1 },
  },
  {
    id: 'H04 HTTP/1.0 ends by itself',
    send: [`GET /1 HTTP/1.0\r\nHost: t\r\n\r\n${SM}`],
    expect: { answers: [200], closes: true, upstream: 1 },
  },
  {
    id: 'H05 a half-close is a client that has left',
    send: [`${G}\r\n`, { pause: 100 }, { fin: true }],
    origin: {},
    expect: {
      answers: [],
      closes: true,
      upstream: 1,
      also: ({ tookMs, upstream }) => {
        expect(tookMs).toBeLessThan(1_500)
        expect(upstream.filter(({ closedAt }) => closedAt === null)).toEqual([])
      },
    },
  },
  { id: 'H06 a half-close within a head', send: [G, { pause: 50 }, { fin: true }], expect: refused() },
  {
    id: 'H07',
    send: ['GET /1 HTTP/1.1\r\nHost: t\r\n', ...every(400, 16, (i) => `X-${i}: 1\r\n`)],
    expect: { ...refused(408), also: ({ tookMs }) => expect(tookMs).toBeLessThan(5_000) },
  },
  {
    id: 'H07b silence',
    send: [{ pause: 10 }],
    expect: { answers: [408], bareCloseToo: true, closes: true, upstream: 0 },
  },
  {
    id: 'H07c a request line drop by drop',
    send: ['G', ...every(400, 16, () => 'E')],
    expect: { answers: [[408, 400, 405]], bareCloseToo: true, closes: true, upstream: 0 },
  },
  {
    id: 'H07d the second request',
    send: [
      'GET /1 HTTP/1.1\r\nHost: t\r\n\r\n',
      { pause: 200 },
      'GET /2 HTTP/1.1\r\n',
      ...every(400, 16, (i) => `X-${i}: 1\r\n`),
    ],
    expect: { answers: [200, 408], closes: true, upstream: 1 },
  },
  {
    id: 'H08',
    send: ['POST /1 HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n', ...every(400, 20, () => 'x')],
    expect: {
      answers: [408],
      closes: true,
      upstream: 0,
      begun: 1,
      also: ({ tookMs }) => expect(tookMs).toBeLessThan(6_000),
    },
  },
  {
    id: 'H08b in chunks',
    send: [K, ...every(400, 20, () => '1\r\nx\r\n')],
    expect: { answers: [408], closes: true, upstream: 0, begun: 1 },
  },
  {
    id: 'H08c nothing at all',
    send: ['POST /1 HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n'],
    expect: { answers: [408], closes: true, upstream: 0, begun: 1 },
  },
  {
    id: 'H09 a body that is slow enough, and no slower',
    send: [
      'POST /1 HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\n\r\n',
      ...every(400, 10, () => 'x'.repeat(500)),
    ],
    expect: { answers: [200], upstream: 1 },
  },
]
