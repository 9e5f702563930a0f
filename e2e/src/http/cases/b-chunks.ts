import { expect } from 'vitest'
import { brokenOff, K, P, served, SM, type HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'
import { headerValues, type StrictRequest } from '../strict-parser.ts'

const bad = (id: string, body: string, statuses: readonly number[] = [400]): HttpCase => ({
  id,
  send: [`${K}${body}`],
  expect: brokenOff(statuses),
})
const good = (id: string, body: string, arrives = 'hello'): HttpCase => ({
  id,
  send: [`${K}${body}`],
  expect: served(200, ({ upstream }) => expect(requestsAt(upstream)[0]?.body).toBe(arrives)),
})

const TRAILERS =
  '5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: gzip\r\nHost: evil\r\nAuthorization: Bearer x\r\nX-Forwarded-For: 6.6.6.6\r\nX-Ok: 1\r\n\r\n'
/** Also within head and body, so that the agent sees them behind either. */
const trailerCuts = Array.from({ length: K.length + TRAILERS.length - 1 }, (_, i) => i + 1)
const expectNoTrailer = (request: StrictRequest) => {
  expect(request.body).toBe('hello')
  expect(headerValues(request.headers, 'host')).toEqual(['t'])
  expect(request.headers.join()).not.toMatch(/evil|Bearer|6\.6\.6\.6|gzip|x-ok|_/i)
}
const withoutTrailers = served(200, ({ upstream }) => requestsAt(upstream).forEach(expectNoTrailer))

/** Chunked bodies: RFC 9112 section 7.1. What breaks off never looks whole to the service. */
export const chunks: readonly HttpCase[] = [
  bad('B01a', '0x5\r\nhello\r\n0\r\n\r\n'),
  bad('B01b a sign', '+5\r\nhello\r\n0\r\n\r\n'),
  bad('B01c a minus', '-5\r\nhello\r\n0\r\n\r\n'),
  bad('B01d empty', '\r\nhello\r\n0\r\n\r\n'),
  bad('B01e no digit', 'g\r\nhello\r\n0\r\n\r\n'),
  bad('B01f a blank ahead', ' 5\r\nhello\r\n0\r\n\r\n'),
  bad('B01g', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
  bad('B01h', '5\nhello\n0\n\n'),
  bad('B01i', '5\r\nhelloXX0\r\n\r\n'),
  bad('B01j a bare CR', '5\rhello\r\n0\r\n\r\n'),
  bad('B01k', '5\r\r;ABCD\r\nhello\r\n0\r\n\r\n'),
  bad('B01l a bare LF after the data', '5\r\nhello\n0\r\n\r\n'),
  bad('B01m an underscore', '0_5\r\nhello\r\n0\r\n\r\n'),
  bad('B01n a NUL', '5\0\r\nhello\r\n0\r\n\r\n'),
  bad('B01o a length beyond all sense', 'ffffffffffffffff\r\nhello\r\n0\r\n\r\n', [400, 408, 413]),
  bad('B01p a bare LF at the end', '5\r\nhello\r\n0\n\n'),
  good('B02', '5;foo=bar;q="a;b"\r\nhello\r\n0;x\r\n\r\n'),
  good('B02b zeros ahead', '005\r\nhello\r\n00\r\n\r\n'),
  good('B02c upper and lower case', 'A\r\nhelloworld\r\n0\r\n\r\n', 'helloworld'),
  good('B02d nothing', '0\r\n\r\n', ''),
  bad('B03', `2;\nxx\r\n23\r\n${SM}\r\n0\r\n\r\n`),
  bad('B04 a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'),
  bad('B05', `5;${'a'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`, [400, 413, 431]),
  bad('B06 many extensions', `${`1;${'a'.repeat(2_000)}\r\nx\r\n`.repeat(40)}0\r\n\r\n`, [400, 413, 431]),
  bad('B07', `0\r\n${SM}`),
  bad('B08 a trailer without end', `0\r\nX: ${'a'.repeat(65_536)}\r\n\r\n`, [400, 413, 431]),
  { id: 'B09', send: [`${K}${TRAILERS}`], expect: withoutTrailers },
  {
    id: 'B09b without framing among them',
    send: [`${K}${TRAILERS.replace(/Content-Length.*\r\n|Transfer-Encoding.*\r\n/g, '')}`],
    expect: withoutTrailers,
  },
  {
    id: 'B09c all that steers a parser',
    send: [
      `${K}5\r\nhello\r\n0\r\nCONNECTION: close, upgrade\r\nupgrade: websocket\r\nProxy-Connection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked, identity\r\n\r\n`,
    ],
    expect: withoutTrailers,
  },
  {
    id: 'B09d each byte by itself',
    send: `${K}${TRAILERS}`.split(''),
    expect: withoutTrailers,
  },
  {
    id: 'B09e a request behind them',
    send: [`${K}${TRAILERS}${K}${TRAILERS}`],
    expect: {
      ...withoutTrailers,
      answers: [200, 200],
      upstream: 2,
    },
  },
  {
    id: 'B09f cut at every byte',
    send: trailerCuts.flatMap((at) => [
      `${K}${TRAILERS}`.slice(0, at),
      { pause: 3 },
      `${K}${TRAILERS}`.slice(at),
      { pause: 3 },
    ]),
    expect: {
      ...withoutTrailers,
      answers: trailerCuts.map(() => 200),
      upstream: trailerCuts.length,
    },
  },
  bad('B09g a folded one', '5\r\nhello\r\n0\r\nX: 1\r\n Content-Length: 50\r\n\r\n'),
  bad('B09h one without a name', '5\r\nhello\r\n0\r\n: 1\r\nContent-Length: 50\r\n\r\n'),
  bad('B09i a bare LF ahead of one', '5\r\nhello\r\n0\r\nX: 1\nContent-Length: 50\r\n\r\n'),
  bad('B09j a bare CR ahead of one', '5\r\nhello\r\n0\r\nX: 1\rContent-Length: 50\r\n\r\n'),
  bad('B09k no colon', '5\r\nhello\r\n0\r\nContent-Length\r\n\r\n'),
  bad('B10 a trailer with a blank before the colon', '0\r\nX : 1\r\n\r\n'),
  bad('B11 a trailer with a NUL', '0\r\nX: a\0b\r\n\r\n'),
  { id: 'B12', send: [`${K}5\r\nhel`, { pause: 100 }, { fin: true }], expect: brokenOff() },
  {
    id: 'B12b with a length',
    send: [`${P}Content-Length: 5\r\n\r\nhel`, { pause: 100 }, { fin: true }],
    expect: brokenOff(),
  },
  {
    id: 'B12c before the last chunk',
    send: [`${K}5\r\nhello\r\n`, { pause: 100 }, { fin: true }],
    expect: brokenOff(),
  },
  {
    id: 'B12d within the trailers',
    send: [`${K}5\r\nhello\r\n0\r\n`, { pause: 100 }, { fin: true }],
    expect: brokenOff(),
  },
  {
    id: 'B13 split at every byte',
    send: `${K}5\r\nhello\r\n0\r\n\r\n`.split(''),
    expect: served(200, ({ upstream }) => expect(requestsAt(upstream)[0]?.body).toBe('hello')),
  },
]
