import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHttp, type HttpHouse } from './http-for-test.ts'
import { createLocalDoor, type LocalDoor } from './local-door.ts'

let house: HttpHouse
let door: LocalDoor
const folder = mkdtempSync(path.join(tmpdir(), 'crossfade-door-'))
const socketPath = path.join(folder, 'local.sock')

beforeAll(async () => {
  house = await openHttp()
  door = createLocalDoor(house.app, socketPath, house.parts.logger)
  await door.start()
})
afterAll(async () => {
  await door.stop()
  await house.close()
  rmSync(folder, { recursive: true })
})

/** One request through the socket in the data directory. */
function askLocally(method: string, url: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request({ socketPath, method, path: `/api/v1/${url}`, headers }, (response) => {
      json(response).then((document) => resolve({ status: response.statusCode ?? 0, body: document }), reject)
    })
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

describe('the local door', () => {
  it('is for the owner of the data directory alone', () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
  })

  it('acts as the local administrator, and the audit trail says so', async () => {
    const service = { name: 'made here', instances: ['http://10.0.0.1'] }
    expect((await askLocally('POST', 'services', service)).status).toBe(201)
    const { body } = await house.ask('admin', 'GET', 'changes?act=service.create')
    expect(body['items']).toMatchObject([
      { actor: { kind: 'token', id: 'local', name: 'local administrator' } },
    ])
  })

  it('gives out one-time links, which nobody else gets, not even an administrator', async () => {
    const issued = await askLocally('POST', 'local/link', {})
    expect(issued).toMatchObject({ status: 200, body: { link: expect.stringContaining('/link#') } })
    const elsewhere = await house.ask('admin', 'POST', 'local/link', { body: {} })
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([404, 'not_found'])
  })
})
