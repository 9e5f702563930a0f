import { expect } from 'vitest'
import { G, refused, served, SM, type Expected, type HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'
import { headerValues } from '../strict-parser.ts'

const host = (id: string, value: string): HttpCase => ({
  id,
  send: [`GET /a HTTP/1.1\r\nHost: ${value}\r\n\r\n`],
  expect: { answers: [400], upstream: 0 },
})
const lines = (id: string, text: string): HttpCase => ({
  id,
  send: [`${G}${text}\r\n\r\n`],
  expect: refused(),
})
const first = (id: string, line: string, statuses: number | readonly number[] = 400): HttpCase => ({
  id,
  send: [`${line}\r\nHost: t\r\n\r\n`],
  expect: refused(statuses),
})
const target = (id: string, to: string): HttpCase => ({
  id,
  send: [`GET ${to} HTTP/1.1\r\nHost: t\r\n\r\n`],
  expect: { answers: [[400, 404]], upstream: 0 },
})
/** What the service saw as host and target. */
const seen =
  (authority: string, path: string): Expected['also'] =>
  ({ upstream }) => {
    const [request] = requestsAt(upstream)
    expect(headerValues(request?.headers ?? [], 'host')).toEqual([authority])
    expect(request?.target).toBe(path)
  }

/** Request line, Host, field syntax: RFC 9112 sections 2 to 5, RFC 9110 section 5. */
export const syntax: readonly HttpCase[] = [
  { id: 'C01', send: ['GET /a HTTP/1.1\r\n\r\n'], expect: refused() },
  lines('C02', 'Host: evil'),
  lines('C02b the same twice', 'Host: t'),
  host('C03a', 't evil'),
  host('C03b', 't@evil'),
  host('C03c', 't/evil'),
  host('C03d', 't:80:80'),
  host('C03e', 't, evil'),
  host('C03f', ''),
  host('C03g', 't:port'),
  host('C03h', '[::1'),
  host('C03i', 't#evil'),
  host('C03j', 't?evil'),
  host('C03k', 't\\evil'),
  host('C03l', 't%2fevil'),
  host('C03m', 't\xe9'),
  host('C03n', 't:99999'),
  host('C03o', '[evil]'),
  host('C03p', '"t"'),
  {
    id: 'C04',
    send: ['GET http://abs.example/x?y=1 HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: served(200, seen('abs.example', '/x?y=1')),
  },
  {
    id: 'C04b no path',
    send: ['GET http://abs.example?y=1 HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: served(200, seen('abs.example', '/?y=1')),
  },
  target('C05 a scheme that is not ours', 'ftp://t/a'),
  target('C05b user information', 'http://me@t/a'),
  target('C05c no host', 'http:///a'),
  target('C05d relative', 'a'),
  target('C05e an authority', 't:80'),
  { id: 'C06 absolute without Host', send: ['GET http://t/a HTTP/1.1\r\n\r\n'], expect: refused() },
  lines('C07', 'X: a\rb'),
  lines('C08 a bare CR at the end', 'X: a\r'),
  lines('C09 a bare CR in a name', 'X\rY: a'),
  lines('C10', 'X: a\nY: b'),
  { id: 'C10b bare LF everywhere', send: ['GET /a HTTP/1.1\nHost: t\n\n'], expect: refused() },
  lines('C11', 'X: a\x00b'),
  lines('C11b another control character', 'X: a\x01b'),
  lines('C11c DEL', 'X: a\x7fb'),
  lines('C12a', 'X Y: 1'),
  lines('C12b', 'X(Y): 1'),
  lines('C12c', ': 1'),
  lines('C12d', 'X@Y: 1'),
  lines('C12e', 'NoColon'),
  lines('C12f', 'X\xe9: 1'),
  lines('C12g', 'X"Y: 1'),
  first('C13', 'GET  /a HTTP/1.1'),
  first('C13b before the version', 'GET /a  HTTP/1.1'),
  first('C13c a tab', 'GET\t/a HTTP/1.1'),
  first('C13d a tab before the version', 'GET /a\tHTTP/1.1'),
  first('C13e blank and tab', 'GET \t/a HTTP/1.1'),
  {
    id: 'C13f cut in the middle',
    send: ['GE', { pause: 30 }, 'T  /a HT', { pause: 30 }, 'TP/1.1\r\nHost: t\r\n\r\n'],
    expect: refused(),
  },
  {
    id: 'C13g the second of two',
    send: ['GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGET  /a HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [200, 400], closes: true, upstream: 1 },
  },
  {
    id: 'C13h after a chunked body',
    send: [
      'POST /1 HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET  /a HTTP/1.1\r\nHost: t\r\n\r\n',
    ],
    expect: { answers: [200, 400], closes: true, upstream: 1 },
  },
  {
    id: 'C13i one blank after bodies of both kinds',
    send: [
      `POST /1 HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n${'5\r\nhello\r\n'.repeat(9_000)}`,
      `0\r\n\r\nPOST /2 HTTP/1.1\r\nHost: t\r\nContent-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`,
      { pause: 30 },
      '\r\nGET /3 HTTP/1.1\r\nHost: t\r\n\r\n',
    ],
    expect: { answers: [200, 200, 200], upstream: 3 },
  },
  first('C14 a blank ahead', ' GET /a HTTP/1.1'),
  first('C14b a tab ahead', '\tGET /a HTTP/1.1'),
  first('C15', 'GET /a b HTTP/1.1'),
  first('C16 a blank at the end', 'GET /a HTTP/1.1 '),
  first('C17a', 'GET /a HTTP/1.2', [400, 505]),
  first('C17b', 'GET /a http/1.1', [400, 505]),
  first('C17c', 'GET /a HTTP/1', [400, 505]),
  first('C17d', 'GET /a HTTP/2.0', [400, 505]),
  first('C17e', 'GET /a HTTP/01.1', [400, 505]),
  first('C17f', 'GET /a HTTP/1.10', [400, 505]),
  first('C17g', 'GET /a HTTPS/1.1', [400, 505]),
  first('C17h', 'GET /a HTTP/0.9', [400, 505]),
  first('C17i', 'GET /a XTTP/1.1', [400, 505]),
  {
    id: 'C17j the preface of HTTP/2',
    send: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    expect: refused([400, 405, 505]),
  },
  { id: 'C18', send: ['GET /a\r\n', { pause: 50 }], expect: refused([400, 408]) },
  { id: 'C18b with an empty line', send: ['GET /a\r\n\r\n'], expect: refused() },
  { id: 'C19', send: ['GET /a\nHost: t\r\nContent-Length: 5\r\n\r\nhello'], expect: refused() },
  { id: 'C20', send: ['GET /a\r\nHost: t\r\n\r\n'], expect: refused() },
  { id: 'C21 an empty line ahead', send: [`\r\n${G}\r\n`], expect: served() },
  {
    id: 'C22',
    send: ['FROB /a HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [[200, 405, 501]], upstream: 0 },
  },
  {
    id: 'C23 a known but rare method',
    send: ['PROPFIND /a HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: served(200, ({ upstream }) => expect(requestsAt(upstream)[0]?.method).toBe('PROPFIND')),
  },
  first('C24 lower case', 'get /a HTTP/1.1', [400, 405, 501]),
  first('C24b no token', 'G(T /a HTTP/1.1', [400, 405, 501]),
  target('C25', '/a#/../admin'),
  target('C25b', '/a?x#y'),
  {
    id: 'C26 TRACE',
    send: ['TRACE /a HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [[405, 501]], upstream: 0 },
  },
  {
    id: 'C27 what a URL should not contain passes as received',
    send: ['GET /a"<b>{c}|^` HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: served(200, seen('t', '/a"<b>{c}|^`')),
  },
  {
    id: 'C27c bytes above ASCII',
    send: ['GET /\xe9 HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [400], upstream: 0 },
  },
  {
    id: 'C27d a control character',
    send: ['GET /a\x01b HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [400], upstream: 0 },
  },
  {
    id: 'C27e a NUL',
    send: ['GET /a\0b HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [400], upstream: 0 },
  },
  { id: 'C28', send: [`GET /${'a'.repeat(65_536)} HTTP/1.1\r\nHost: t\r\n\r\n`], expect: refused([414]) },
  {
    id: 'C29 a query',
    send: [`GET /?${'a'.repeat(65_536)} HTTP/1.1\r\nHost: t\r\n\r\n`],
    expect: refused([414]),
  },
  {
    id: 'C29b a method',
    send: [`${'A'.repeat(65_536)} / HTTP/1.1\r\nHost: t\r\n\r\n`],
    expect: refused([400, 405, 414, 501]),
  },
  { id: 'C30', send: [`${G}X: ${'a'.repeat(65_536)}\r\n\r\n`], expect: refused(431) },
  { id: 'C30b a name', send: [`${G}${'a'.repeat(65_536)}: 1\r\n\r\n`], expect: refused(431) },
  { id: 'C31 many lines', send: [`${G}${'X: 1\r\n'.repeat(300)}\r\n`], expect: refused(431) },
  {
    id: 'C31b bit by bit',
    send: [G, ...Array.from({ length: 40 }, () => `X: ${'a'.repeat(1_000)}\r\n`), '\r\n'],
    expect: refused(431),
  },
  {
    id: 'C32',
    send: ['OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: served(200, ({ upstream }) => expect(requestsAt(upstream)[0]?.target).toBe('*')),
  },
  {
    id: 'C33 a star for GET',
    send: ['GET * HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: { answers: [400], upstream: 0 },
  },
  { id: 'C34 folding', send: [`${G}X: a\r\n b\r\n\r\n`], expect: { answers: [[200, 400]], upstream: 0 } },
  {
    id: 'C35 bytes above ASCII in a value pass as they are',
    send: [`${G}X: caf\xe9\r\n\r\n`],
    expect: served(200, ({ upstream }) =>
      expect(headerValues(requestsAt(upstream)[0]?.headers ?? [], 'x')).toEqual(['caf\xe9']),
    ),
  },
  {
    id: 'C36',
    send: [`CONNECT 127.0.0.1:18080 HTTP/1.1\r\nHost: 127.0.0.1:18080\r\n\r\n${SM}`],
    expect: refused([400, 405, 501]),
  },
  {
    id: 'C36b without a port',
    send: [`CONNECT t HTTP/1.1\r\nHost: t\r\n\r\n${SM}`],
    expect: refused([400, 405, 501]),
  },
  { id: 'C37 garbage', send: ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], expect: refused() },
  {
    id: 'C38 a proxy header',
    send: ['PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /a HTTP/1.1\r\nHost: t\r\n\r\n'],
    expect: refused([400, 405]),
  },
]
