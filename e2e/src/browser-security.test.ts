import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { z } from 'zod'
import { changeSchema } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import { hasBrowser, openBrowser } from './harness/browser.ts'
import { openEvilPage, type EvilPage } from './harness/evil-page.ts'
import { byCookie } from './harness/scene.ts'
import { verbs } from './harness/house.ts'
import { administrator, openPeopleHouse, type PeopleHouse } from './harness/people-house.ts'
import { until } from './harness/program.ts'

const canRun = hasBrowser()
let house: PeopleHouse
let evil: EvilPage
let browser: Browser
let context: BrowserContext
let page: Page
let mappingId: string
/** What the content security policy of any page refused. */
const violations: string[] = []

beforeAll(async () => {
  if (!canRun) return
  house = await openPeopleHouse()
  evil = await openEvilPage(house.certificate)
  const call = verbs(house.api)
  const [legacy, replacement] = [
    await call.service('legacy', 'http://127.0.0.1:9'),
    await call.service('new', 'http://127.0.0.1:9'),
  ]
  mappingId = (await call.mapping(byCookie('chapter', '/books', legacy, replacement))).id
  await call.share(mappingId, 25)
  browser = await openBrowser()
  context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1400, height: 1000 } })
  await context.exposeBinding('refusedByPolicy', ({ page: where }, what: string) => {
    violations.push(`${new URL(where.url()).pathname}: ${what}`)
  })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      const tell: unknown = Reflect.get(globalThis, 'refusedByPolicy')
      if (typeof tell === 'function') tell(`${violatedDirective} ${blockedURI} ${sample}`)
    })
  })
  page = await context.newPage()
})

afterAll(async () => {
  if (!canRun) return
  await browser.close()
  await evil.close()
  await house.close()
})

const issueLink = async () =>
  (await house.api.call('POST', '/api/v1/local/link', z.object({ link: z.string() }), { body: {} })).link
const lastChange = async () =>
  (await house.api.call('GET', '/api/v1/changes?limit=1', pageOf(changeSchema))).items[0]?.seq

describe.skipIf(!canRun)('a one-time link in a browser', () => {
  it('SES-01: signs in, and its token is in no address, referrer or history afterwards', async () => {
    const seen: string[] = []
    page.on('request', (request) => {
      seen.push(request.url(), request.headers()['referer'] ?? '')
    })
    const link = await issueLink()
    const token = link.split('#')[1] ?? ''
    await page.goto(link)
    await page.getByRole('link', { name: 'chapter' }).first().waitFor()
    expect(page.url()).not.toContain(token)
    await page.goBack().catch(() => null)
    expect(page.url()).not.toContain(token)
    // Playwright shows the fragment of the address that was typed in; nothing of it goes over the wire.
    expect(seen.filter((text) => text.replace(link, '').includes(token))).toEqual([])
  })

  it('SES-01: leaves a cookie that no script reads', async () => {
    await page.goto(house.url)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    const [cookie, ...more] = await context.cookies()
    expect(more).toEqual([])
    expect(cookie).toMatchObject({
      name: '__Host-crossfade_session',
      domain: '127.0.0.1',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    })
  })

  it('SES-01: keeps a person signed in who follows a link from another site', async () => {
    await page.goto(evil.stranger)
    await page.evaluate((href) => {
      const link = Object.assign(document.createElement('a'), { href, textContent: 'look at this' })
      document.body.append(link)
    }, `${house.url}/mappings/${mappingId}`)
    await page.getByText('look at this').click()
    await page.getByRole('heading', { name: 'chapter' }).waitFor()
    expect(page.url()).toContain(mappingId)
  })
})

describe.skipIf(!canRun)('the content security policy', () => {
  const pages = () => [
    '/mappings',
    '/mappings/new',
    `/mappings/${mappingId}`,
    `/mappings/${mappingId}/edit`,
    '/groups',
    '/services',
    '/segments',
    '/agents',
    '/audit',
    '/notifications',
    '/people',
    '/environment',
    '/nowhere',
    '/docs/',
  ]

  it('is obeyed by every page', async () => {
    for (const path of pages()) {
      await page.goto(house.url + path)
      await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => null)
    }
    expect(violations).toEqual([])
  })

  it('is obeyed by dialogs, menus and notices, whose styles are made while they open', async () => {
    await page.goto(`${house.url}/services`)
    await page
      .getByRole('button', { name: /new service|add a service/i })
      .first()
      .click()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(() => getComputedStyle(document.body).overflow)).toBe('hidden')
    await page.keyboard.press('Escape')
    await page.goto(`${house.url}/mappings/${mappingId}`)
    await page
      .getByRole('button', { name: /roll back/i })
      .first()
      .click()
    await page.waitForTimeout(500)
    expect(violations).toEqual([])
  })

  it('is obeyed where nobody is signed in', async () => {
    const stranger = await browser.newContext({ ignoreHTTPSErrors: true })
    const door = await stranger.newPage()
    const told: string[] = []
    door.on('console', (message) => told.push(message.text()))
    await door.goto(house.url)
    await door.getByLabel('Email').fill(administrator.email)
    await door.getByRole('textbox', { name: 'Password' }).fill('wrong')
    await door.getByRole('button', { name: 'Sign in' }).click()
    await door.getByText(/do not match/).waitFor()
    expect(told.filter((text) => text.includes('Content Security Policy'))).toEqual([])
    await stranger.close()
  })

  it('stops what somebody smuggled into a page', async () => {
    await page.goto(`${house.url}/services`)
    const ran = await page.evaluate(async (elsewhere) => {
      const add = (name: string, more: Record<string, string>) =>
        document.body.append(Object.assign(document.createElement(name), more))
      add('script', { textContent: 'globalThis.smuggled = "inline"' })
      add('script', { src: elsewhere })
      add('style', { textContent: 'body { display: none }' })
      add('img', { src: elsewhere })
      document.body.insertAdjacentHTML('beforeend', '<b onclick="globalThis.smuggled = 1">x</b>')
      document.body.querySelector('b[onclick]')?.dispatchEvent(new Event('click'))
      const fetched = await fetch(elsewhere).then(
        () => 'fetched',
        () => 'refused',
      )
      return [Reflect.get(globalThis, 'smuggled'), getComputedStyle(document.body).display, fetched]
    }, evil.stranger)
    expect(ran).toEqual([undefined, 'block', 'refused'])
    const directives = await until('all of them refused', () => {
      const named = new Set(violations.map((line) => line.split(' ')[1] ?? ''))
      return named.size >= 5 && [...named].toSorted()
    })
    expect(directives).toEqual([
      'connect-src',
      'img-src',
      'script-src-attr',
      'script-src-elem',
      'style-src-elem',
    ])
    violations.length = 0
  })
})

describe.skipIf(!canRun)('a page of somebody else, in a browser that is signed in', () => {
  describe.each(['stranger', 'neighbour'] as const)('as a %s', (who) => {
    it('WEB-01: opens no live feed', async () => {
      await page.goto(evil[who])
      const end = await page.evaluate(
        (url) =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(url)
            socket.addEventListener('open', () => resolve('open'))
            socket.addEventListener('close', () => resolve('refused'))
          }),
        `${house.url.replace('https', 'wss')}/api/v1/live`,
      )
      expect(end).toBe('refused')
    })

    it('WEB-02: changes nothing by fetch, form or beacon, and reads nothing', async () => {
      const before = await lastChange()
      await page.goto(evil[who])
      const outcomes = await page.evaluate(
        async ({ api, id }) => {
          const body = JSON.stringify({ name: 'forged', access: { everywhere: 'admin', environments: [] } })
          const attempt = (url: string, init: RequestInit) =>
            fetch(api + url, { credentials: 'include', ...init }).then(
              (answer) => answer.type,
              () => 'refused',
            )
          const json = { 'content-type': 'application/json' }
          const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'].map(
            async (enctype) => {
              const frame = Object.assign(document.createElement('iframe'), { name: `to-${enctype}` })
              const form = document.createElement('form')
              Object.assign(form, { action: `${api}/tokens`, method: 'post', enctype, target: frame.name })
              form.append(Object.assign(document.createElement('input'), { name: body, value: '=' }))
              document.body.append(frame, form)
              form.submit()
              await new Promise((resolve) => setTimeout(resolve, 500))
            },
          )
          await Promise.all(forms)
          navigator.sendBeacon(`${api}/tokens`, body)
          return [
            await attempt('/mappings', {}),
            await attempt('/session', { mode: 'no-cors' }),
            await attempt('/tokens', { method: 'POST', body, headers: json }),
            await attempt('/tokens', { method: 'POST', body, mode: 'no-cors' }),
            await attempt(`/mappings/${id}/rollback`, { method: 'POST', mode: 'no-cors' }),
            await attempt(`/mappings/${id}/share`, { method: 'PUT', body: '{"percent":100}', headers: json }),
            await attempt('/session', { method: 'DELETE' }),
          ]
        },
        { api: `${house.url}/api/v1`, id: mappingId },
      )
      // Opaque answers were given to nobody: their bodies cannot be read, and same-origin policy withholds most.
      expect(outcomes.filter((outcome) => outcome !== 'refused' && outcome !== 'opaque')).toEqual([])
      expect(await lastChange()).toBe(before)
    })

    it('WEB-02: cannot frame the dashboard, hold its window or run its answers as scripts', async () => {
      await page.goto(evil[who])
      const loaded = await page.evaluate(async (url) => {
        const load = (name: 'script' | 'img', src: string) =>
          new Promise<string>((resolve) => {
            const element = Object.assign(document.createElement(name), { src })
            element.addEventListener('load', () => resolve(`${name} loaded`))
            element.addEventListener('error', () => resolve('refused'))
            document.body.append(element)
          })
        const frame = Object.assign(document.createElement('iframe'), { src: `${url}/mappings` })
        document.body.append(frame)
        await new Promise((resolve) => {
          frame.addEventListener('load', resolve)
        })
        return [await load('script', `${url}/api/v1/mappings`), await load('img', `${url}/favicon.svg`)]
      }, house.url)
      // CORP says same-origin: even a neighbour gets no picture.
      expect(loaded).toEqual(['refused', 'refused'])
      const framed = page.frames().filter((frame) => frame !== page.mainFrame())
      for (const frame of framed) {
        expect(await frame.locator('#root').count()).toBe(0)
      }
      const popup = context.waitForEvent('page')
      await page.evaluate(
        (url) => void Reflect.set(globalThis, 'held', window.open(url)),
        `${house.url}/mappings`,
      )
      const opened = await popup
      await opened.getByRole('link', { name: 'chapter' }).first().waitFor()
      expect(await page.evaluate(() => (Reflect.get(globalThis, 'held') as Window).closed)).toBe(true)
      expect(await opened.evaluate(() => window.opener)).toBe(null)
      await opened.close()
    })
  })
})
