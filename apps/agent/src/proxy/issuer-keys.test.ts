import { aRequirement } from '@crossfade/testkit/builders'
import { startIssuer } from '@crossfade/testkit/issuer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, now, openCallersRig, type CallersRig } from './callers-rig.ts'

let callers: CallersRig
beforeEach(async () => {
  callers = await openCallersRig()
})
afterEach(() => callers.close())

describe('JWT: the keys of an issuer', () => {
  it('are asked for once when a token names an unknown one, so that rotation fails nobody', async () => {
    callers.use()
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(200)
    await callers.issuer.rotate()
    const token = await callers.issuer.token(now)
    expect(
      await Promise.all([callers.statusOf(token), callers.statusOf(token), callers.statusOf(token)]),
    ).toEqual([200, 200, 200])
    expect(callers.issuer.fetches()).toBe(2)
  })

  it('are not asked for again and again by tokens that name nonsense', async () => {
    callers.use()
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(200)
    for (let i = 0; i < 30; i++)
      expect(await callers.statusOf(await callers.issuer.token(now, {}, { kid: `no-${i}` }))).toBe(401)
    expect(callers.issuer.fetches()).toBe(4)
  })

  it('stay in use while the issuer is away, and are looked after in the background', async () => {
    callers.use()
    const token = await callers.issuer.token(now)
    expect(await callers.statusOf(token)).toBe(200)
    for (const how of ['error', 'garbage', 'empty'] as const) {
      callers.issuer.serve(how)
      const before = callers.issuer.fetches()
      await callers.rig.clock.advanceAsync(6 * 60_000)
      await expect.poll(() => callers.issuer.fetches()).toBeGreaterThan(before)
      const later = await callers.issuer.token(callers.rig.clock.now())
      expect(await callers.statusOf(later)).toBe(200)
      await expect.poll(() => callers.rig.callers.warnings()[0]).toMatch(/the last ones stay in use/)
    }
  })

  it('that are withdrawn end what they had verified', async () => {
    callers.use()
    const token = await callers.issuer.token(now, { exp: now / 1_000 + 86_400 })
    expect(await callers.statusOf(token)).toBe(200)
    await callers.issuer.rotate({ keepOld: false })
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(200)
    expect(await callers.statusOf(token)).toBe(401)
  })

  it('that could never be had make it 503 with Retry-After, and 200 as soon as they can', async () => {
    callers.issuer.serve('error')
    callers.use()
    const token = await callers.issuer.token(now)
    const answer = await callers.ask(bearer(token))
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'issuer_unavailable' })
    expect(await callers.statusOf('x.y.z')).toBe(401)
    callers.issuer.serve('keys')
    await callers.rig.clock.advanceAsync(11_000)
    await expect.poll(() => callers.statusOf(token)).toBe(200)
  })

  it('are never fetched from where the issuer points, nor without end', async () => {
    const elsewhere = await startIssuer()
    for (const how of [{ redirectTo: elsewhere.config.jwksUrl }, 'endless'] as const) {
      callers.issuer.serve(how)
      callers.use({
        auth: { issuers: [{ ...callers.issuer.config, leewaySeconds: how === 'endless' ? 1 : 2 }] },
      })
      expect(await callers.statusOf(await callers.issuer.token(now))).toBe(503)
    }
    expect(elsewhere.fetches()).toBe(0)
    await elsewhere.close()
  })

  it('are given five seconds', async () => {
    callers.issuer.serve('silence')
    callers.use()
    const answer = callers.statusOf(await callers.issuer.token(now))
    await expect.poll(() => callers.issuer.fetches()).toBe(1)
    await callers.rig.clock.advanceAsync(5_000)
    expect(await answer).toBe(503)
  })

  it('of several issuers do not mix', async () => {
    const partners = await startIssuer({ name: 'partners', algorithm: 'EdDSA' })
    callers.use({ auth: { issuers: [callers.issuer.config, partners.config] } })
    expect(await callers.statusOf(await partners.token(now))).toBe(200)
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(200)
    expect(await callers.statusOf(await partners.token(now, { iss: callers.issuer.config.issuer }))).toBe(401)
    callers.use({
      auth: { issuers: [callers.issuer.config, partners.config] },
      check: aRequirement({ issuers: ['partners'] }),
    })
    expect(await callers.statusOf(await partners.token(now))).toBe(200)
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(401)
    await partners.close()
  })
})
