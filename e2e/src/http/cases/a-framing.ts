import { expect } from 'vitest'
import { G, K, LINES, P, refused, served, SM, type Expected, type HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'

const lengths = (id: string, value: string): HttpCase => ({
  id,
  send: [`${P}Content-Length:${value}\r\n\r\nhello`],
  expect: refused([400, 413]),
})
const codings = (id: string, lines: string, statuses: readonly number[] = [400, 501]): HttpCase => ({
  id,
  send: [`${P}${lines}\r\n0\r\n\r\n`],
  expect: refused(statuses),
})
/** The 35 bytes of a request, as a body, whole and once. */
const asBody: Expected['also'] = ({ upstream }) =>
  expect(requestsAt(upstream).map(({ body }) => body)).toEqual([SM])

/** Message framing headers: RFC 9112 section 6, RFC 9110 sections 5.4, 7.6.1 and 8.6. */
export const framing: readonly HttpCase[] = [
  {
    id: 'A01',
    send: [`${P}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`],
    expect: refused(),
  },
  {
    id: 'A02',
    send: [`${P}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: refused(),
  },
  { id: 'A03', send: [`${P}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloG`], expect: refused() },
  {
    id: 'A04 two equal lengths',
    send: [`${P}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    expect: refused(),
  },
  lengths('A05 a list of equal lengths', ' 5, 5'),
  lengths('A06', ' 5, 6'),
  lengths('A07a', ' +5'),
  lengths('A07b', ' -5'),
  lengths('A07c', ' 0x5'),
  lengths('A07d', ' 5.0'),
  lengths('A07e', ' 5 5'),
  lengths('A07f', ' '),
  lengths('A07g', ' 5;'),
  lengths('A07h', ' "5"'),
  lengths('A07i', ' 1e1'),
  lengths('A07j', ' 5\x0b'),
  lengths('A07k', ' \xb5'),
  lengths('A08', ' 18446744073709551621'),
  lengths('A08b', ' 9007199254740993'),
  lengths('A08c', ` ${'9'.repeat(400)}`),
  {
    id: 'A09 leading zeros',
    send: [`${P}Content-Length: 0005\r\n\r\nhello`],
    expect: { answers: [[200, 400]], upstream: 1 },
  },
  { id: 'A10', send: [`${P}Content-Length : 5\r\n\r\nhello`], expect: refused() },
  { id: 'A10b a tab before the colon', send: [`${P}Content-Length\t: 5\r\n\r\nhello`], expect: refused() },
  { id: 'A11', send: [`${P}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`], expect: refused() },
  {
    id: 'A12',
    send: [`${P}Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello`],
    expect: refused([400, 501]),
  },
  codings('A12b', 'Transfer-Encoding: xchunked\r\n'),
  codings('A13', 'Transfer-Encoding: chunked, identity\r\n'),
  codings('A14 identity', 'Transfer-Encoding: identity\r\n'),
  codings('A15 gzip, chunked', 'Transfer-Encoding: gzip, chunked\r\n'),
  codings('A15b gzip', 'Transfer-Encoding: gzip\r\n'),
  {
    id: 'A16',
    send: [`${P}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\n\r\n`],
    expect: refused(),
  },
  codings('A16b chunked, chunked', 'Transfer-Encoding: chunked, chunked\r\n'),
  {
    id: 'A17',
    send: [`${P}Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    expect: refused(),
  },
  codings('A17b', 'Transfer-Encoding: ,chunked\r\n'),
  codings('A17c', 'Transfer-Encoding: chunked,\r\n'),
  codings('A18', 'Transfer-Encoding:\x0bchunked\r\n'),
  codings('A18b', 'Transfer-Encoding: \x0cchunked\r\n'),
  codings('A18c', 'Transfer-Encoding: chunked\x0b\r\n'),
  codings('A19 quoted', 'Transfer-Encoding: "chunked"\r\n'),
  codings('A20 with a parameter', 'Transfer-Encoding: chunked;q=1\r\n'),
  codings('A21 empty', 'Transfer-Encoding: \r\n'),
  codings('A22 a NUL in the name', 'Transfer-Encoding\0: chunked\r\n'),
  codings('A22b with a zero-width byte', 'Transfer-Encoding: \xe2\x80\x8bchunked\r\n'),
  {
    id: 'A23',
    send: [`${P}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    expect: refused(),
  },
  codings('A23b', 'Transfer-Encoding:\r\n chunked\r\n'),
  codings('A24 folded with a tab', 'Transfer-Encoding:\r\n\tchunked\r\n'),
  {
    id: 'A25',
    send: [
      'POST /a HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: t\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
    ],
    expect: refused(),
  },
  {
    id: 'A26',
    send: [
      `POST /a HTTP/1.0\r\nHost: t\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SM}`,
    ],
    expect: refused(),
  },
  {
    id: 'A26b',
    send: [
      `POST /a HTTP/1.0\r\nHost: t\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SM}`,
    ],
    expect: refused(),
  },
  { id: 'A27', send: [`${G}Content-Length: 35\r\n\r\n${SM}`], expect: served(200, asBody) },
  {
    id: 'A28 HEAD with a body',
    send: [`HEAD /a HTTP/1.1\r\nHost: t\r\nContent-Length: 35\r\n\r\n${SM}`],
    expect: served(200, asBody),
  },
  {
    id: 'A29',
    send: [`${P}Connection: Content-Length\r\nContent-Length: 35\r\n\r\n${SM}`],
    expect: served([200, 400], asBody),
  },
  {
    id: 'A30',
    send: [`${P}Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: served([200, 400], asBody),
  },
  { id: 'A30b', send: [`${G}Connection: Host, close\r\n\r\n`], expect: served([200, 400]) },
  {
    id: 'A31',
    send: [`${P}${LINES}Transfer-Encoding: chunked\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: refused([431, 400]),
  },
  {
    id: 'A32 with a length',
    send: [`${P}${LINES}Content-Length: 35\r\n\r\n${SM}`],
    expect: refused([431, 400]),
  },
  { id: 'A33', send: [`${G}${LINES}Authorization: Bearer x\r\n\r\n`], expect: refused(431) },
  {
    id: 'A34',
    send: [`${G}${LINES}Transfer-Encoding: chunked\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: refused([431, 400]),
  },
  ...['GET', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'PROPFIND'].map((method, i): HttpCase => ({
    id: `A35${'abcdef'[i] ?? ''}`,
    send: [`${method} /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: served(200, asBody),
  })),
  {
    id: 'A36 DELETE with a length',
    send: [`DELETE /a HTTP/1.1\r\nHost: t\r\nContent-Length: 35\r\n\r\n${SM}`],
    expect: served(200, asBody),
  },
  {
    id: 'A37 any case of chunked',
    send: [`${P}tRANSFER-eNCODING: ChunkED\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`],
    expect: served(200, asBody),
  },
  {
    id: 'A38 a name with an underscore is another field',
    send: [`${P}Content_Length: 35\r\nContent-Length: 5\r\n\r\nhello`],
    expect: served(),
  },
  {
    id: 'A39 more than the length',
    send: [`${P}Content-Length: 0\r\n\r\nG`, { pause: 100 }],
    expect: { answers: [200], upstream: 1 },
  },
  {
    id: 'A40 a body without framing',
    send: [`${P}\r\n`, 'GET /b HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [200, 200], upstream: 2 },
  },
  {
    id: 'A41 an answer’s framing in a request',
    send: [`${K}0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`],
    expect: { answers: [200, 400], closes: true, upstream: 1 },
  },
]
