import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ServiceTls } from '@crossfade/core/model'
import { serviceDefaults } from '@crossfade/core/policy/defaults'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recordingService, type RecordingService } from '../harness/recording-service.ts'
import { openStage, snapshotOf, type Stage } from './stage.ts'

/** A service behind TLS whose certificate says `other.test`, signed by an authority of the test's own. */
const folder = mkdtempSync(path.join(tmpdir(), 'cf-tls-'))
const file = (name: string) => path.join(folder, name)
let legacy: RecordingService
let server: Server
let requests = 0
let port = 0
let stage: Stage | null = null

beforeAll(async () => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=other.test',
    '-keyout',
    'site.key',
    '-out',
    'site.csr',
  )
  writeFileSync(file('san'), 'subjectAltName=DNS:other.test')
  openssl(
    'x509',
    '-req',
    '-in',
    'site.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'san',
    '-out',
    'site.pem',
  )
  server = createServer(
    { key: readFileSync(file('site.key')), cert: readFileSync(file('site.pem')) },
    (_request, response) => {
      requests += 1
      response.end('secret')
    },
  )
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  legacy = await recordingService('legacy')
})
afterEach(async () => {
  await stage?.close()
  stage = null
  requests = 0
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await legacy.close()
  rmSync(folder, { recursive: true, force: true })
})

async function statusWith(
  terms: Partial<ServiceTls>,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const tls = { ...serviceDefaults.tls, ...terms }
  stage = await openStage(
    snapshotOf({ legacyUrl: legacy.url, newUrl: `https://127.0.0.1:${port}`, newService: { tls } }),
    env,
  )
  const answer = await fetch(`${stage.agent.url}/books/1`)
  await answer.text()
  return answer.status
}

const trusting = () => ({ NODE_EXTRA_CA_CERTS: file('ca.pem') })

describe('TLS towards services', () => {
  it('TLS-01: an unknown authority gets 502, and no byte of HTTP', async () => {
    expect(await statusWith({ verify: true, serverName: 'other.test' }, {})).toBe(502)
    expect(requests).toBe(0)
  })

  it('TLS-02: a certificate for another name gets 502, and no byte of HTTP', async () => {
    expect(await statusWith({ verify: true, serverName: 'api.test' }, trusting())).toBe(502)
    expect(requests).toBe(0)
  })

  it('serves when the authority is known and the name fits', async () => {
    expect(await statusWith({ verify: true, serverName: 'other.test' }, trusting())).toBe(200)
    expect(requests).toBe(1)
  })

  it('TLS-05: verifies nothing for a service that says so, and only then', async () => {
    expect(await statusWith({ verify: false, serverName: null }, {})).toBe(200)
  })

  it('TLS-06: an agent does not start where a variable of the process would switch it off', async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const starting = statusWith({ verify: true, serverName: 'other.test' }, env)
    await expect(starting).rejects.toThrow(/Cannot start:\n {2}NODE_TLS_REJECT_UNAUTHORIZED: 0 would believe/)
  })
})
