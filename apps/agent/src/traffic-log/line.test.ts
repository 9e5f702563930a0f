import { describe, expect, it } from 'vitest'
import { lineWriterFor, problemOfFormat } from './line.ts'
import { aLoggedRequest } from './a-logged-request.ts'

const line = (format: string, request: Parameters<typeof aLoggedRequest>[0] = {}) =>
  lineWriterFor(format)(aLoggedRequest(request))

describe('a line of the traffic log', () => {
  it('is written as nginx users know it', () => {
    const format =
      '$remote_addr [$time_iso8601] "$request" $status $side "$mapping" $reason $target ' +
      '$request_time $service_time $request_id $bytes_sent "$http_user_agent"'
    expect(line(format)).toBe(
      '203.0.113.9 [2026-01-01T00:00:00.000Z] "GET /v2/books/7?page=2 HTTP/1.1" 200 new "Books" bucket:42 ' +
        '/api/books/7?page=2 0.0125 0.01 req-1 165 "curl/8"',
    )
  })

  it('is one JSON object with everything by name', () => {
    expect(JSON.parse(line('json'))).toMatchObject({
      time_iso8601: '2026-01-01T00:00:00.000Z',
      request: 'GET /v2/books/7?page=2 HTTP/1.1',
      status: 200,
      side: 'new',
      mapping: 'Books',
      mapping_id: 'books',
      reason: 'bucket:42',
      target: '/api/books/7?page=2',
      request_time: 0.0125,
      service_time: 0.01,
      request_id: 'req-1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      fallback: false,
      failure: null,
      http_user_agent: 'curl/8',
    })
  })

  const evil = 'a"b\\c\r\nGET / HTTP/1.1\u0000\u001b[2J\u007f\u0085\u009b'
  const written = (format: string) =>
    line(format, { mappingName: `Bo"oks\n\u009b\u2028`, headers: ['User-Agent', evil, 'X-Note', evil] })

  it.each(['json', '$http_user_agent', '"${http_x_note}" $mapping'])(
    'LOG-01: stays one line in the form %s, whatever a client sends',
    (format) => {
      // oxlint-disable-next-line no-control-regex
      expect(written(format)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    },
  )

  it('LOG-01: stays the same fields, whatever a client sends', () => {
    expect(JSON.parse(written('json'))).toMatchObject({ http_user_agent: evil })
    expect(written('"$http_x_note" "$mapping"').split('"')).toHaveLength(5)
  })

  it('writes a dash for what there is not', () => {
    const format = '$status $service_time $failure $http_x_none $code'
    expect(line(format, { status: null, failure: 'timeout', serviceMs: null })).toBe('- - timeout - -')
  })

  it('keeps the letters of our own names', () => {
    expect(line('$mapping', { mappingName: 'Bücher 書' })).toBe('Bücher 書')
  })
})

describe('a format', () => {
  it('may hold any known variable, also in braces, and headers', () => {
    expect(problemOfFormat('json')).toBeNull()
    expect(problemOfFormat('${side}x $http_x_forwarded_for costs 5$')).toBeNull()
  })

  it('is refused where it names what there is not', () => {
    expect(problemOfFormat('$sied')).toBe('$sied is not known')
    expect(problemOfFormat('$side\n$status')).toBe('A line has no line breaks')
  })

  it.each(['authorization', 'cookie', 'proxy_authorization', 'x_api_key', 'x_crossfade_key', 'x_auth_token'])(
    'is refused where it would log the secret %s',
    (header) => {
      expect(problemOfFormat(`$http_${header}`)).toBe(`$http_${header} is a secret, it is not logged`)
    },
  )
})
