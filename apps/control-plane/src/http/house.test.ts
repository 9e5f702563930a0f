import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Registry } from '@prometheus-io/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, openHttp, type Answer, type HttpHouse } from './http-for-test.ts'

let house: HttpHouse
const folder = mkdtempSync(path.join(tmpdir(), 'crossfade-dashboard-'))
const metrics = new Registry()

beforeAll(async () => {
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(
    path.join(folder, 'index.html'),
    '<!doctype html><title>Crossfade</title><meta property="csp-nonce" nonce="__CSP_NONCE__">',
  )
  writeFileSync(path.join(folder, 'assets', 'index-abc123.js'), 'export {}')
  house = await openHttp({ dashboardDir: folder, metrics })
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true })
})

describe('what is not there', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'not_found'],
    ['GET', '/api/nothing', 404, 'not_found'],
    ['POST', '/nothing', 404, 'not_found'],
    ['GET', '/assets/gone-abc123.js', 404, 'not_found'],
    ['PUT', '/api/v1/mappings', 405, 'method_not_allowed'],
    ['POST', '/api/v1/mappings/12/share', 405, 'method_not_allowed'],
    ['GET', '/api/v1/%E0%A4%A', 404, 'not_found'],
  ] as const)('%s %s', async (method, url, status, code) => {
    const answer = await house.ask('admin', method, url)
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  it('says which methods there are', async () => {
    expect((await house.ask('admin', 'PUT', 'mappings')).headers['allow']).toBe('GET, POST')
  })
})

describe('what nobody expected', () => {
  it('is told without its text', async () => {
    const broken = await openHttp({
      series: {
        series: () => Promise.reject(new Error('the password is hunter2')),
        overview: () => Promise.reject(new TypeError('undefined is not a function')),
        clients: () => Promise.reject(new Error('not asked')),
        paths: () => Promise.reject(new Error('not asked')),
      },
    })
    const answer = await broken.ask('admin', 'GET', 'stats/overview')
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(answer.body['requestId']).toBe(answer.headers['x-request-id'])
    const other = await broken.ask('admin', 'GET', 'stats/series?from=0')
    expect(other.text).not.toContain('hunter2')
    await broken.close()
  })
})

describe('the dashboard', () => {
  it.each(['/', '/mappings/12', '/link', '/a/b/c?d=e'])('is one page at %s', async (url) => {
    const answer = await ask(house, 'GET', url)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('<title>Crossfade</title>')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('keeps hashed files for ever', async () => {
    const answer = await ask(house, 'GET', '/assets/index-abc123.js')
    expect(answer).toMatchObject({ status: 200, text: 'export {}' })
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it('does not leave its folder', async () => {
    for (const url of ['/../package.json', '/assets/..%2f..%2fpackage.json', '/%2e%2e/etc/passwd']) {
      expect((await ask(house, 'GET', url)).text).not.toContain('"name"')
    }
  })

  it('says so where it is not built', async () => {
    const bare = await openHttp({ dashboardDir: path.join(folder, 'nowhere') })
    const answer = await ask(bare, 'GET', '/')
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('The dashboard is not built')
    expect((await ask(bare, 'GET', '/healthz')).status).toBe(200)
    await bare.close()
  })
})

describe('headers', () => {
  it('let nothing be loaded from elsewhere and nobody frame us', async () => {
    const { headers } = await ask(house, 'GET', '/')
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['permissions-policy']).toContain('camera=()')
    expect(headers).not.toHaveProperty('strict-transport-security')
  })

  it('give each page a nonce of its own, which is the one in its styles', async () => {
    const [one, two] = [await ask(house, 'GET', '/'), await ask(house, 'GET', '/')]
    const nonceOf = (answer: Answer) =>
      /'nonce-([\w-]{24})'/.exec(String(answer.headers['content-security-policy']))?.[1] ?? 'none'
    expect(nonceOf(one)).not.toBe(nonceOf(two))
    expect(one.text).toContain(`nonce="${nonceOf(one)}"`)
    expect((await ask(house, 'GET', '/index.html')).status).toBe(404)
  })

  it('let what is no page load nothing, and keep answers of the API out of every cache', async () => {
    for (const [url, status] of [
      ['mappings', 200],
      ['nothing', 404],
      ['users?colour=green', 400],
    ] as const) {
      const { headers, ...answer } = await house.ask('admin', 'GET', url)
      expect([answer.status, headers['cache-control']]).toEqual([status, 'no-store'])
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; base-uri 'none'/)
      expect(headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})

describe('probes', () => {
  it('tell alive from ready', async () => {
    expect(await ask(house, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await ask(house, 'GET', '/readyz')).toMatchObject({ status: 200, body: { database: true } })
  })

  it('stay alive and are not ready while the database is away', async () => {
    const away = await openHttp()
    await away.store.close()
    expect(await ask(away, 'GET', '/healthz')).toMatchObject({ status: 200 })
    expect(await ask(away, 'GET', '/readyz')).toMatchObject({ status: 503, body: { database: false } })
    await away.app.close()
  })
})

describe('metrics', () => {
  it('count requests by route, never by raw path', async () => {
    await house.ask('viewer', 'GET', `mappings/${'s'.repeat(43)}`)
    const { text, headers } = await ask(house, 'GET', '/metrics')
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toContain('route="/api/v1/mappings/:id",status="404"')
    expect(text).not.toContain('sssss')
    expect(text).toContain('crossfade_build_info{version="0.0.0-test"} 1')
    expect(text).toContain('crossfade_process_cpu_seconds_total')
  })
})
