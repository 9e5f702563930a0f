import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Service, ServiceTls } from '@crossfade/core/model'
import { serviceDefaults } from '@crossfade/core/policy/defaults'
import { anAuthority, selfSigned, writePair, type Pair } from '@crossfade/testkit/certificates'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { askForWebSocket } from './harness/raw-upgrade.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'
import { until } from './harness/program.ts'
import { tlsOrigin, type TlsOrigin } from './harness/tls-origin.ts'
import { openStage, snapshotOf, type Stage } from './resilience/stage.ts'

const authority = anAuthority()
const stranger = anAuthority('A stranger')
const books = authority.issue({ names: ['DNS:books.test', 'IP:127.0.0.1'] })
const ofStranger = stranger.issue({ names: ['DNS:books.test', 'IP:127.0.0.1'] })
const edge = authority.issue()
const nextEdge = authority.issue()

let folder: string
let ofItself: Pair
let legacy: RecordingService
let stage: Stage
let origin: TlsOrigin | null = null
let revision = 1

const put = (name: string, pair: Pair) => writePair(folder, name, pair)

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cf-client-certs-'))
  ofItself = selfSigned()
  put('edge', edge)
  legacy = await recordingService('legacy')
  stage = await openStage(snapshotOf({ legacyUrl: legacy.url, newUrl: 'http://127.0.0.1:1' }), {
    CROSSFADE_CLIENT_CERTS: folder,
  })
})
afterEach(async () => {
  await origin?.close()
  origin = null
})
afterAll(async () => {
  await stage.close()
  await legacy.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Puts a service on these terms in force, at the origin unless said otherwise. */
async function connectOn(terms: Partial<ServiceTls>, more: Partial<Service> = {}): Promise<void> {
  const newUrl = origin?.url ?? 'https://127.0.0.1:1'
  const tls = { ...serviceDefaults.tls, ...terms }
  revision += 1
  const answer = await stage.control.push(
    snapshotOf({
      legacyUrl: legacy.url,
      newUrl,
      revision,
      policy: { breaker: null },
      newService: { tls, ...more },
    }),
  )
  expect(answer.type).toBe('ack')
}

async function ask(init: RequestInit = {}): Promise<{ status: number; code: string | null }> {
  const answer = await fetch(`${stage.agent.url}/books/1`, init)
  const text = await answer.text()
  const isProblem = answer.headers.get('content-type') === 'application/problem+json'
  return { status: answer.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : null }
}
const served = { status: 200, code: null }
const distrusted = { status: 502, code: 'service_certificate' }

async function warnings(): Promise<readonly string[]> {
  const answer = await fetch(`${stage.agent.adminUrl}/readyz?verbose`)
  return ((await answer.json()) as { warnings: string[] }).warnings
}

describe('a service that does not prove who it is', () => {
  const intermediate = authority.intermediate('Between')
  const leafOnly = (pair: Pair): Pair => ({
    key: pair.key,
    cert: pair.cert.slice(0, pair.cert.indexOf('-----END CERTIFICATE-----') + 26),
  })

  it.each<[string, string, () => Pair, Partial<ServiceTls>]>([
    ['TLS-01', 'of an authority nobody named', () => books, {}],
    ['TLS-01', 'signed by itself', () => ofItself, {}],
    ['TLS-01', 'of another authority than the one named', () => ofStranger, { ca: authority.cert }],
    ['TLS-02', 'for another name', () => books, { ca: authority.cert, serverName: 'api.test' }],
    ['TLS-02', 'for another address', () => books, { ca: authority.cert, serverName: '127.0.0.2' }],
    [
      'TLS-02',
      'for a name, where the address must be proved',
      () => authority.issue({ names: ['DNS:books.test'] }),
      { ca: authority.cert },
    ],
    ['TLS-01', 'that has run out', () => authority.issue({ days: -1 }), { ca: authority.cert }],
    [
      'TLS-01',
      'without the certificate between',
      () => leafOnly(intermediate.issue()),
      { ca: authority.cert },
    ],
  ])('%s: is told nothing with a certificate %s', async (_case, _what, pair, terms) => {
    const { cert, key } = pair()
    origin = await tlsOrigin({ cert, key })
    await connectOn(terms)
    expect(await ask()).toEqual(distrusted)
    expect(await ask({ method: 'POST', body: 'a secret' })).toEqual(distrusted)
    const upgrade = await askForWebSocket(stage.agent.url, '/books/1')
    expect(upgrade).toMatch(/^HTTP\/1\.1 502 [^]*"code":"service_certificate"/)
    // Given up by the agent before its part of the handshake was done.
    expect(origin.failed.length).toBeGreaterThan(0)
    expect(origin.met).toEqual([])
    expect(origin.httpBytes()).toBe(0)
  })

  it('is nobody: it speaks HTTP in the clear', async () => {
    const plain = await recordingService('plain')
    origin = null
    await connectOn({ ca: authority.cert }, { instances: [plain.url.replace('http:', 'https:')] })
    expect(await ask()).toEqual(distrusted)
    expect(plain.received).toEqual([])
    await plain.close()
  })

  it('speaks TLS 1.1 only', async () => {
    origin = await tlsOrigin({
      ...books,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await connectOn({ ca: authority.cert })
    expect(await ask()).toEqual(distrusted)
    expect(origin.httpBytes()).toBe(0)
  })

  it('is counted, logged and warned of by its cause, and has nobody healthy', async () => {
    origin = await tlsOrigin(ofStranger)
    const health = { path: '/health', intervalMs: 500, timeoutMs: 400, healthyAfter: 1, unhealthyAfter: 1 }
    await connectOn({ ca: authority.cert, serverName: 'books.test' }, { health })
    await until('unhealthy', () => stage.agent.program.output().includes('instance is unhealthy'))
    await ask()
    expect(origin.httpBytes()).toBe(0)
    expect(stage.agent.program.output()).toMatch(
      /do not trust each other.*UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE.*do not trust each other/,
    )
    expect(await warnings()).toContainEqual(
      expect.stringMatching(
        /^new-books: no trusted connection to https:.*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
      ),
    )
    await until('counted', async () => {
      const page = await (await fetch(`${stage.agent.adminUrl}/metrics`)).text()
      return /crossfade_agent_failures_total\{[^}]*kind="tls"[^}]*\} [1-9]/.test(page)
    })
  })
})

describe('a service that proves who it is', () => {
  it.each<[string, () => Pair, Partial<ServiceTls>]>([
    ['by its address', () => books, { ca: authority.cert }],
    ['by the name it is said to have', () => books, { ca: authority.cert, serverName: 'books.test' }],
    ['by one of several authorities', () => books, { ca: stranger.cert + authority.cert }],
    ['through certificates between', () => authority.intermediate('Between').issue(), { ca: authority.cert }],
  ])('is served %s', async (_what, pair, terms) => {
    origin = await tlsOrigin(pair())
    await connectOn(terms)
    expect(await ask()).toEqual(served)
    expect(origin.met.at(-1)?.sni).toBe(terms.serverName ?? null)
  })

  it('never sees a connection that was opened on other terms', async () => {
    origin = await tlsOrigin(books)
    await connectOn({ verify: false })
    expect(await ask()).toEqual(served)
    origin.forget()

    await connectOn({})
    expect(await ask()).toEqual(distrusted)
    expect(origin.httpBytes()).toBe(0)
    await connectOn({ ca: authority.cert })
    expect(await ask()).toEqual(served)
    await connectOn({ ca: authority.cert, serverName: 'api.test' })
    expect(await ask()).toEqual(distrusted)
    expect(origin.requests()).toBe(1)
  })

  it('TLS-05: is believed without proof where it says so, and no other', async () => {
    origin = await tlsOrigin(ofStranger)
    await connectOn({ verify: false })
    expect(await ask()).toEqual(served)
    const other = await tlsOrigin(ofStranger)
    revision += 1
    const unverified = { ...serviceDefaults.tls, verify: false }
    await stage.control.push(
      snapshotOf({
        legacyUrl: other.url,
        newUrl: origin.url,
        revision,
        policy: { breaker: null },
        newService: { tls: unverified },
      }),
    )
    const answer = await fetch(`${stage.agent.url}/unmapped`)
    expect(answer.status).toBe(502)
    expect(other.httpBytes()).toBe(0)
    await other.close()
  })
})

describe('a service that wants to know who asks', () => {
  const picky = () => tlsOrigin({ ...books, ca: authority.cert, requestCert: true, rejectUnauthorized: true })
  const fingerprint = ({ cert }: Pair) => new X509Certificate(cert).fingerprint256

  it('is shown the certificate that its entry names, on every kind of connection', async () => {
    origin = await picky()
    const health = { path: '/health', intervalMs: 500, timeoutMs: 400, healthyAfter: 1, unhealthyAfter: 1 }
    await connectOn({ ca: authority.cert, clientCertificate: 'edge' }, { health })
    expect(await ask()).toEqual(served)
    await askForWebSocket(stage.agent.url, '/books/1')
    const { met } = origin
    await until('asked for its health', () => met.length >= 3)
    expect(new Set(met.map(({ certificate }) => certificate))).toEqual(new Set([fingerprint(edge)]))
  })

  it('serves nothing where it is shown none', async () => {
    origin = await picky()
    await connectOn({ ca: authority.cert })
    expect((await ask()).status).toBe(502)
    expect(origin.requests()).toBe(0)
  })

  it('is asked nothing by an agent that lacks the certificate, which says so until it has it', async () => {
    origin = await picky()
    await connectOn({ ca: authority.cert, clientCertificate: 'later' })
    expect(await ask()).toEqual({ status: 502, code: 'client_certificate_missing' })
    expect(await askForWebSocket(stage.agent.url, '/books/1')).toContain('client_certificate_missing')
    expect(origin.met).toEqual([])
    expect(await warnings()).toContain(
      'new-books asks for the client certificate later, which is not in CROSSFADE_CLIENT_CERTS',
    )
    put('later', edge)
    await until('served', async () => (await ask()).status === 200)
    expect(await warnings()).toEqual([])
  })

  it('is shown a renewed certificate without a request lost, and never half of one', async () => {
    origin = await picky()
    await connectOn({ ca: authority.cert, clientCertificate: 'edge' })
    const statuses: number[] = []
    const over = new AbortController()
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!over.signal.aborted) statuses.push((await ask()).status)
      }),
    )
    await until('under load', () => statuses.length > 50)
    writeFileSync(path.join(folder, 'edge.crt'), nextEdge.cert)
    await until('half of a pair is refused', async () =>
      (await warnings()).some((warning) => /the key in .*edge\.key is not that of/.test(warning)),
    )
    writeFileSync(path.join(folder, 'edge.key'), nextEdge.key)
    const { met } = origin
    await until('the new one is shown', () => met.at(-1)?.certificate === fingerprint(nextEdge))
    const before = statuses.length
    await until('more load', () => statuses.length > before + 50)
    over.abort()
    await load
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})
