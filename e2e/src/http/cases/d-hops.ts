import { expect } from 'vitest'
import { G, served, type HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'
import { headerValues } from '../strict-parser.ts'

/** A GET with these lines; then each name's values at the service. */
const arrives = (id: string, lines: string, want: Readonly<Record<string, readonly string[]>>): HttpCase => ({
  id,
  send: [`${G}${lines}\r\n`],
  expect: served(200, ({ upstream }) => {
    const headers = requestsAt(upstream)[0]?.headers ?? []
    for (const [name, values] of Object.entries(want))
      expect(headerValues(headers, name), name).toEqual(values)
  }),
})

/** Hop-by-hop and identity headers: RFC 9110 section 7.6, RFC 7239 section 8.1. */
export const hops: readonly HttpCase[] = [
  arrives(
    'D01',
    'Connection: close, X-Forwarded-For, X-Real-IP, X-Secret\r\nX-Forwarded-For: 6.6.6.6\r\nX-Secret: s\r\nX-Keep: k\r\n',
    { 'x-secret': [], 'x-keep': ['k'], 'x-forwarded-for': ['127.0.0.1'], 'x-real-ip': ['127.0.0.1'] },
  ),
  arrives(
    'D01b every header of ours',
    'Connection: via, x-request-id, traceparent, x-forwarded-proto, x-forwarded-host\r\n',
    {
      'x-forwarded-proto': ['http'],
      'x-forwarded-host': ['t'],
      via: ['1.1 crossfade-strict'],
    },
  ),
  arrives(
    'D01c listed over several lines, in any case',
    'Connection: X-A\r\nconnection:x-b ,,\tX-c\r\nX-A: 1\r\nX-B: 2\r\nx-C: 3\r\n',
    {
      'x-a': [],
      'x-b': [],
      'x-c': [],
    },
  ),
  arrives(
    'D02',
    'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\nUpgrade: foo\r\nProxy-Authorization: Basic eA==\r\n',
    { 'keep-alive': [], 'proxy-connection': [], te: [], upgrade: [], 'proxy-authorization': [] },
  ),
  arrives(
    'D03 what is not about the connection stays',
    'Accept: a\r\nX-One: 1\r\nX-ONE: 2\r\nCookie: a=b\r\nAuthorization: Bearer x\r\n',
    {
      accept: ['a'],
      'x-one': ['1', '2'],
      cookie: ['a=b'],
      authorization: ['Bearer x'],
    },
  ),
  arrives('D04 framing and host cannot be listed away', 'Connection: host\r\n', { host: ['t'] }),
  arrives(
    'D05',
    'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n',
    {
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-host': ['t'],
      'x-forwarded-proto': ['http'],
      forwarded: [],
      'x-real-ip': ['127.0.0.1'],
    },
  ),
  arrives(
    'D05b the family',
    'X-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /x\r\nX-Forwarded-Server: s\r\nX-Original-URI: /evil\r\n',
    {
      'x-forwarded-port': [],
      'x-forwarded-prefix': [],
      'x-forwarded-server': [],
      'x-original-uri': ['/a'],
    },
  ),
  {
    id: 'D06 order and case stay',
    send: [`${G}X-zEbra: 1\r\naccept: 2\r\nX-Alpha: 3\r\n\r\n`],
    expect: served(200, ({ upstream }) => {
      const names = requestsAt(upstream)[0]?.headers.filter((_, i) => i % 2 === 0) ?? []
      expect(names.filter((name) => /zebra|accept|alpha/i.test(name))).toEqual([
        'X-zEbra',
        'accept',
        'X-Alpha',
      ])
    }),
  },
  {
    id: 'D07 a request that has been here',
    send: [`${G}Via: 1.1 somebody, 1.1 crossfade-strict\r\n\r\n`],
    expect: { answers: [508], upstream: 0 },
  },
]
