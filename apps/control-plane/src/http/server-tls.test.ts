import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from 'node:tls'
import { createLogger } from '@crossfade/runtime/logger'
import { anAuthority } from '@crossfade/testkit/certificates'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Fastify from 'fastify'
import type { App } from './plumbing/app.ts'
import { requireClientCertificates } from './plumbing/client-certificate.ts'
import { replyWithProblem } from './plumbing/problem-reply.ts'
import { createServerTls, type ServerTls } from './server-tls.ts'

const authority = anAuthority('For the control plane')
const agents = anAuthority('For agents')
const own = authority.issue()
const ofAgent = agents.issue()

const [me, link, join] = ['/session', '/link', '/join']

let folder: string
let clock: ManualClock
let tls: ServerTls
let app: App
let port: number

const file = (name: string) => path.join(folder, name)
async function open(hasClientCa: boolean): Promise<void> {
  const clientCaFile = hasClientCa ? file('agents.crt') : null
  const files = { certFile: file('own.crt'), keyFile: file('own.key'), clientCaFile }
  tls = createServerTls(files, clock, createLogger('test', 'silent'))
  await tls.files.start()
  app = Fastify({ https: tls.options() })
  tls.follow(app.server)
  app.setErrorHandler(replyWithProblem)
  if (tls.wantsClientCertificates) requireClientCertificates(app)
  app.get(link, { config: { permission: 'agent' } }, () => ({}))
  app.get(join, { config: { permission: 'public', clientCertificate: true } }, () => ({}))
  app.get(me, { config: { permission: 'public' } }, () => ({}))
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
}
beforeEach(() => {
  clock = manualClock(Date.now())
  folder = mkdtempSync(path.join(tmpdir(), 'cf-https-'))
  writeFileSync(file('own.crt'), own.cert)
  writeFileSync(file('own.key'), own.key)
  writeFileSync(file('agents.crt'), agents.cert)
})
afterEach(async () => {
  await tls.files.stop()
  await app.close()
  rmSync(folder, { recursive: true })
})

/** Status and problem code. */
function ask(url: string, options: RequestOptions = {}): Promise<{ status: number; code: unknown }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `https://127.0.0.1:${port}${url}`,
      { ca: authority.cert, ...options },
      (answer) => {
        let text = ''
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
        answer.on('end', () => {
          const body = (text === '' ? {} : JSON.parse(text)) as { code?: unknown }
          resolve({ status: answer.statusCode ?? 0, code: body.code })
        })
      },
    )
    asking.on('error', reject)
    asking.end()
  })
}

describe('the control plane over TLS', () => {
  it('is served with its certificate, and not to old TLS', async () => {
    await open(false)
    expect((await ask(me)).status).toBe(200)
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(ask(me, old)).rejects.toThrow(/alert/)
  })

  it('shows a changed certificate to new connections and keeps those that stand', async () => {
    await open(false)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(me, { agent })
    const other = anAuthority('Another')
    const next = other.issue()
    writeFileSync(file('own.crt'), next.cert)
    writeFileSync(file('own.key'), next.key)
    await clock.advanceAsync(10_000)
    await expect.poll(() => tls.files.get('CROSSFADE_TLS_CERT')?.cert).toBe(next.cert)

    expect((await ask(me, { agent })).status).toBe(200)
    agent.destroy()
    await expect(ask(me, { agent: false })).rejects.toThrow(/certificate/)
    expect((await ask(me, { agent: false, ca: other.cert })).status).toBe(200)
  })
})

describe('agents that must show a certificate', () => {
  const refused = { status: 403, code: 'client_certificate_required' }
  const letIn = { status: 200, code: undefined }

  it('are let in with one of the authority, and not without, also while they have no credential yet', async () => {
    await open(true)
    expect(await ask(join)).toEqual(refused)
    expect(await ask(join, ofAgent)).toEqual(letIn)
    expect(await ask(link)).toEqual(refused)
    expect(await ask(link, ofAgent)).toEqual(letIn)
    expect(await ask(link, { ...ofAgent, maxVersion: 'TLSv1.2' })).toEqual(letIn)
  })

  it.each([
    ['of another authority', () => anAuthority('For agents').issue()],
    ['of the authority of the control plane itself', () => authority.issue()],
    ['that has run out', () => agents.issue({ days: -1 })],
  ])('are refused with one %s', async (_what, pair) => {
    await open(true)
    expect(await ask(link, pair())).toEqual(refused)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'are refused when they resume a %s session that had none',
    async (version) => {
      await open(true)
      const options = {
        host: '127.0.0.1',
        port,
        ca: authority.cert,
        minVersion: version,
        maxVersion: version,
      }
      const session = await new Promise<Buffer | null>((resolve, reject) => {
        const first = connect(options, () => first.write(`GET ${me} HTTP/1.1\r\nHost: a\r\n\r\n`))
        let ticket: Buffer | null = null
        first.on('session', (given: Buffer) => (ticket = given))
        first.on('error', reject)
        first.on('data', () => {
          first.destroy()
          resolve(ticket)
        })
      })
      const again = session === null ? {} : { session }
      expect(await ask(link, { agent: false, minVersion: version, maxVersion: version, ...again })).toEqual(
        refused,
      )
    },
  )

  it('do not keep people out, who have none', async () => {
    await open(true)
    expect((await ask(me)).status).toBe(200)
  })

  it('are judged by a changed authority from then on', async () => {
    await open(true)
    expect(await ask(link, { ...ofAgent, agent: false })).toEqual(letIn)
    const next = anAuthority('For agents, from now on')
    writeFileSync(file('agents.crt'), next.cert)
    await clock.advanceAsync(10_000)
    await expect.poll(() => tls.files.get('CROSSFADE_CLIENT_CA')?.cert).toBe(next.cert)
    expect(await ask(link, { ...ofAgent, agent: false })).toEqual(refused)
    expect(await ask(link, { ...next.issue(), agent: false })).toEqual(letIn)
  })
})
