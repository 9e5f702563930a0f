import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, openHttp, type HttpHouse } from './http-for-test.ts'
import { openApiText } from './plumbing/openapi.ts'

let house: HttpHouse
beforeAll(async () => {
  house = await openHttp()
})
afterAll(() => house.close())

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const document = async () => (await ask(house, 'GET', 'openapi.json')).body as unknown as Document

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const answer = await ask(house, 'GET', 'openapi.json')
    expect(answer.body['openapi']).toBe('3.1.1')
    const result = await new Validator().validate({ ...answer.body })
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  it('describes every route but the WebSockets, each under a name of its own', async () => {
    const { paths } = await document()
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    const ids = operations.map((operation) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(
      operations.every(({ operationId, summary, tags }) => operationId && summary && tags?.length === 1),
    ).toBe(true)
    const described = Object.entries(paths).flatMap(([url, path]) =>
      Object.keys(path).map((method) => `${method.toUpperCase()} ${url.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    const registered = house.routes
      .map(({ method, url }) => `${method} ${url}`)
      .filter((name) => name !== 'GET /api/v1/link' && name !== 'GET /api/v1/live')
    expect(described.toSorted()).toEqual(registered.toSorted())
  })

  it('is the one in docs/openapi.json', async () => {
    const committed = readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8')
    // After a change of the API: node tools/write-openapi.ts
    expect(openApiText(house.app)).toBe(committed)
  })

  it('has a page to be read on, with nothing from elsewhere', async () => {
    const page = await ask(house, 'GET', '/docs/')
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.text).not.toMatch(/(?:src|href)="https?:/)
    expect(page.headers['content-security-policy']).toContain("'self'")
  })
})
