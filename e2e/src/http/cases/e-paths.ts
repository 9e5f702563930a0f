import { expect } from 'vitest'
import type { HttpCase } from '../case.ts'
import { requestsAt } from '../run-case.ts'

/** Whatever reaches the default service must not be a spelling of /admin; the mapping's service may see it. */
const spelling = (id: string, path: string, statuses: readonly number[] = [400, 403, 404]): HttpCase => ({
  id,
  send: [`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`],
  expect: { answers: [statuses], upstream: 0, also: ({ admin }) => expect(requestsAt(admin)).toEqual([]) },
})
/** Another spelling of the mapped path: the mapping takes it. */
const mapped = (id: string, path: string): HttpCase => ({
  id,
  send: [`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`],
  expect: { answers: [200], upstream: 0, also: ({ admin }) => expect(requestsAt(admin)).toHaveLength(1) },
})
/** Not the mapped path, by any reading. */
const other = (id: string, path: string): HttpCase => ({
  id,
  send: [`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`],
  expect: { answers: [200], upstream: 1, also: ({ admin }) => expect(requestsAt(admin)).toEqual([]) },
})

/** Path confusion: no spelling slips past the mapping of /admin (RFC 3986 section 6.2.2, RFC 9110 section 17.3). */
export const paths: readonly HttpCase[] = [
  mapped('E01', '/admin'),
  mapped('E02', '/%61dmin'),
  mapped('E02b', '/%61%64%6d%69%6e/users'),
  mapped('E03', '//admin'),
  mapped('E03b', '///admin//users'),
  mapped('E04', '/admin/'),
  mapped('E04b', '/admin?x=/../y'),
  spelling('E05', '/x/../admin'),
  spelling('E05b', '/x/./../admin'),
  spelling('E05c', '/./admin'),
  spelling('E05d', '/admin/..'),
  spelling('E06', '/x/%2e%2e/admin'),
  spelling('E06b', '/x/.%2E/admin'),
  spelling('E06c', '/%2e/admin'),
  other('E07 encoded twice stays what it is', '/x/%252e%252e/admin'),
  spelling('E08', '/x/..%2fadmin'),
  spelling('E08b', '/x%2f..%2fadmin'),
  spelling('E09', '/x/%2e%2e%2fadmin'),
  spelling('E10', '/x/..%5cadmin'),
  spelling('E11', '/x/..\\admin'),
  spelling('E12', '/\\admin'),
  spelling('E13', '/admin%00'),
  spelling('E14', '/admin%0a'),
  spelling('E15', '/%zzadmin'),
  spelling('E15b', '/admin%'),
  spelling('E16', '/x/..;/admin'),
  spelling('E16b', '/x/..;a=b/admin'),
  spelling('E16c', '/x/%2e%2e;/admin'),
  spelling('E16d', '/x/..%3b/admin'),
  spelling('E17 overlong', '/%c0%ae%c0%ae/admin'),
  spelling('E18', '/%2fadmin'),
  spelling('E18b', '/%2Fadmin'),
  other('E18c no reading is mapped', '/x/%2fadmin'),
  spelling('E18d', '/admin%2fusers'),
  spelling('E19', 'http://t/x/../admin'),
  mapped('E20 absolute', 'http://t/admin'),
  other('E21 a parameter makes another path', '/admin;x=1'),
  other('E21b', '/;/admin'),
  other('E22', '/admin%20'),
  other('E23', '/administrator'),
  other('E24', '/x?/../admin'),
  other('E25 encoded where it must be', '/x%20y'),
]
