import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { anAuthority, writePair, type Pair, type PairFiles } from '@crossfade/testkit/certificates'
import { freePort } from '@crossfade/testkit/free-port'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, openBrowser } from './harness/browser.ts'
import { asking } from './harness/asking.ts'
import { openHouse, verbs, type ControlPlane, type House, type Verbs } from './harness/house.ts'
import { byCookie } from './harness/scene.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'
import { until } from './harness/program.ts'

const canRun = hasBrowser()
const authority = anAuthority('For the control plane')
const agents = anAuthority('For agents')
const stranger = anAuthority('A stranger')

describe('a control plane whose agents show certificates', () => {
  let house: House
  let control: ControlPlane
  let api: Verbs
  let legacy: RecordingService
  let token: string

  const file = (name: string) => path.join(house.folder, name)
  const put = (name: string, pair: Pair) => writePair(house.folder, name, pair)
  /** As an agent that believes `ca` and shows `pair`. */
  const envOf = (ca: string, pair: PairFiles | null) => ({
    CROSSFADE_CONTROL_URL: control.url,
    CROSSFADE_AGENT_TOKEN: token,
    CROSSFADE_CONTROL_CA: ca,
    ...(pair !== null && { CROSSFADE_CONTROL_CERT: pair.certFile, CROSSFADE_CONTROL_KEY: pair.keyFile }),
  })

  beforeAll(async () => {
    house = await openHouse()
    const own = put('control', authority.issue())
    writeFileSync(file('authority.pem'), authority.cert)
    writeFileSync(file('agents.pem'), agents.cert)
    writeFileSync(file('stranger.pem'), stranger.cert)
    control = await house.startControlPlane({
      CROSSFADE_TLS_CERT: own.certFile,
      CROSSFADE_TLS_KEY: own.keyFile,
      CROSSFADE_CLIENT_CA: file('agents.pem'),
    })
    api = verbs(control.api)
    legacy = await recordingService('legacy')
    await api.defaultService(await api.service('legacy', legacy.url))
  })
  afterAll(async () => {
    await house.close()
    await legacy.close()
  })

  it('serves those of its authority, and people without one', async () => {
    token = await api.agentToken()
    const agent = await house.startAgent('known', envOf(file('authority.pem'), put('known', agents.issue())))
    await until('online', async () =>
      (await api.agents()).some(({ name, state }) => name === 'known' && state === 'online'),
    )
    expect((await fetch(`${agent.url}/anything`)).status).toBe(200)
    const page = await asking(control.url)('GET', '/')
    expect(page.status).toBe(200)
    expect(page.headers['strict-transport-security']).toContain('max-age')
  })

  it.each<[string, string, () => Pair | null, RegExp]>([
    ['who show none', 'authority.pem', () => null, /403|certificate/],
    ['who show one of somebody else', 'authority.pem', () => stranger.issue(), /403|certificate/],
    ['whose certificate has run out', 'authority.pem', () => agents.issue({ days: -1 }), /403|certificate/],
    [
      'who do not believe its own certificate',
      'stranger.pem',
      () => agents.issue(),
      /verify|self-signed|local issuer/,
    ],
  ])('stays apart from agents %s', async (_what, ca, make, why) => {
    token = await api.agentToken()
    const pair = make()
    const adminUrl = `http://127.0.0.1:${await freePort()}`
    const name = `outside-${ca}-${Math.round(performance.now())}`
    const starting = house.startAgent(name, envOf(file(ca), pair && put(name, pair)), {
      stateDir: file(name),
      url: `http://127.0.0.1:${await freePort()}`,
      adminUrl,
    })
    // It never gets ready: nobody gives it a configuration.
    starting.catch(() => {})
    await until('turned away', async () => {
      const page = (await (await fetch(`${adminUrl}/readyz?verbose`)).json()) as { link: { why?: string } }
      return why.test(page.link.why ?? '')
    })
    expect((await api.agents()).map((agent) => agent.name)).not.toContain(name)
  })

  it('TLS-05: takes a service without verification only by name, with a change of its own', async () => {
    const { id } = await control.api.call('POST', '/api/v1/services', serviceViewSchema, {
      body: {
        name: 'believed',
        instances: ['https://127.0.0.1:1'],
        tls: { verify: false, serverName: null },
      },
    })
    const acts = (await api.changes(`&objectId=${id}`)).map(({ act, after }) => ({ act, after }))
    expect(acts).toContainEqual({ act: 'service.stop-verifying', after: { verify: false } })
    // Saying nothing about TLS, as everybody else does, is to verify.
    const silent = await control.api.call('POST', '/api/v1/services', serviceViewSchema, {
      body: { name: 'silent', instances: ['https://127.0.0.1:1'] },
    })
    expect(silent.tls).toEqual({ verify: true, serverName: null, ca: null, clientCertificate: null })
  })

  it.skipIf(!canRun)('TLS-05: warns of it on the services page and on the mapping', async () => {
    const browser = await openBrowser()
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
    const believed = await control.api.call('POST', '/api/v1/services', serviceViewSchema, {
      body: { name: 'whoever', instances: ['https://127.0.0.1:1'], tls: { verify: false, serverName: null } },
    })
    const legacyId = await api.service('careful', legacy.url)
    const mapping = await api.mapping(byCookie('chapter', '/books', legacyId, believed.id))
    const issued = z.object({ link: z.string() })
    const { link } = await control.api.call('POST', '/api/v1/local/link', issued, { body: {} })
    await page.goto(link)
    await page.getByLabel('Email').fill('maya@example.test')
    await page.getByLabel('Your name').fill('Maya')
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery')
    await page.getByRole('button', { name: 'Create and sign in' }).click()
    await page.getByRole('link', { name: 'chapter' }).first().waitFor()

    await page.goto(`${control.url}/mappings/${mapping.id}`)
    await page.getByText('TLS certificates are not verified: whoever').waitFor()
    await page.getByRole('link', { name: 'Name the authority instead' }).click()
    await page.getByText('Anybody who answers is believed').waitFor()
    await page.goto(`${control.url}/services`)
    const row = page.getByRole('row').filter({ hasText: 'whoever' })
    await row.getByText('TLS certificates are not verified').waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'careful' }).innerText()).not.toContain(
      'not verified',
    )
    await browser.close()
  })
})
