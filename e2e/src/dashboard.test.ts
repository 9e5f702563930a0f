import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { hasBrowser, openBrowser } from './harness/browser.ts'
import { client, type Client } from './harness/client.ts'
import { until } from './harness/program.ts'
import { bookPath, openScene, type Scene } from './harness/scene.ts'

let scene: Scene
let browser: Browser
let page: Page
let readers: Client
let load: NodeJS.Timeout
const pageErrors: string[] = []

const canRun = hasBrowser()

beforeAll(async () => {
  if (!canRun) return
  scene = await openScene()
  readers = client()
  let asked = 0
  load = setInterval(() => {
    const agent = scene.agents[asked++ % 2]
    void readers
      .ask(`${agent?.url}${bookPath}`, { headers: { cookie: `uid=reader-${asked % 300}` } })
      .catch(() => {})
  }, 25)
  browser = await openBrowser()
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 1400, height: 1000 },
  })
  page = await context.newPage()
  page.on('pageerror', (error) => pageErrors.push(error.message))
})

afterAll(async () => {
  if (!canRun) return
  clearInterval(load)
  readers.close()
  await browser.close()
  await scene.close()
})

const slider = () => page.getByRole('slider', { name: 'Share of traffic on the new service' })
const percentNow = async () => (await scene.call.showMapping(scene.mapping.id)).split.percent

const section = (name: string) =>
  page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name })

/** What axe finds on the page as it stands. */
async function violations(where: string): Promise<string[]> {
  await page.waitForFunction(() => document.getAnimations().length === 0)
  const found = await new AxeBuilder({ page }).analyze()
  return found.violations.map(
    ({ id, nodes }) => `${where}: ${id} at ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary}`,
  )
}

/** A picture of what a chart draws, to tell whether it moved. */
const drawing = () =>
  page
    .locator('canvas')
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

describe.skipIf(!canRun)('a product owner at the dashboard', () => {
  it('becomes the first administrator through the one-time link', async () => {
    const issued = z.object({ link: z.string() })
    const { link } = await scene.controlPlane.api.call('POST', '/api/v1/local/link', issued, { body: {} })
    await page.goto(link)
    await page.getByLabel('Email').fill('maya@example.test')
    await page.getByLabel('Your name').fill('Maya')
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery')
    await page.getByRole('button', { name: 'Create and sign in' }).click()
    await page.getByRole('link', { name: 'chapter' }).first().waitFor()
    expect(await page.title()).toContain('Crossfade')
  })

  it('drags the slider by mouse, applies, and sees it live on both agents', async () => {
    await page.getByRole('link', { name: 'chapter' }).first().click()
    await slider().waitFor()
    const thumb = await slider().boundingBox()
    if (thumb === null) throw new Error('The slider is not on screen')
    await page.mouse.move(thumb.x + thumb.width / 2, thumb.y + thumb.height / 2)
    await page.mouse.down()
    await page.mouse.move(thumb.x + 250, thumb.y + thumb.height / 2, { steps: 12 })
    await page.mouse.up()
    expect(await percentNow()).toBe(0)
    await page.getByRole('button', { name: /^Apply/ }).click()
    await until('the share moved', async () => (await percentNow()) > 0)
    await page
      .getByText(/live on 2 of 2 agents/i)
      .first()
      .waitFor()
  })

  it('moves it by keyboard, five presses being one change', async () => {
    const before = (await scene.call.changes()).filter(({ act }) => act === 'mapping.share').length
    await slider().focus()
    await page.keyboard.press('Home')
    for (let press = 0; press < 4; press++) await page.keyboard.press('PageUp')
    expect(await slider().getAttribute('aria-valuetext')).toContain('not applied yet')
    await page.keyboard.press('Enter')
    await until('40 %', async () => (await percentNow()) === 40)
    const after = (await scene.call.changes()).filter(({ act }) => act === 'mapping.share').length
    expect(after - before).toBe(1)
  })

  it('reads which side answers reads and writes', async () => {
    const table = page.getByText('Who answers').locator('..')
    await table.getByText('follows the share').first().waitFor()
    expect(await table.textContent()).toContain('new 40 %')
  })

  it('sees the charts move', async () => {
    await page.locator('canvas').first().waitFor()
    const first = await drawing()
    const moved = await until('the chart moved', async () => (await drawing()) !== first)
    expect(moved).toBe(true)
  })

  it('rolls back with one press and reads how fast it was', async () => {
    await page
      .getByRole('button', { name: /^Roll back/ })
      .first()
      .click()
    await page
      .getByText(/Rolled back .*live on 2 of 2 agents in/i)
      .first()
      .waitFor()
    expect(await percentNow()).toBe(0)
  })

  it('finds the roll back in the audit trail', async () => {
    await page.getByRole('link', { name: 'Audit' }).click()
    const row = page.getByText(/Maya rolled .*chapter/i).first()
    await row.waitFor()
    expect(await row.textContent()).toContain('chapter')
  })

  it('gives a mapping a ramp from a template, starts it, and sees the first stage', async () => {
    await section('Mappings').click()
    await page.getByRole('link', { name: 'chapter' }).first().click()
    await page.getByRole('tab', { name: 'Ramp' }).click()
    await page
      .getByRole('button', { name: /^Begin with/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Create ramp' }).click()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByRole('button', { name: /^Start at/ }).click()
    await until('the first stage', async () => (await percentNow()) > 0)
    await page.locator('li[aria-current=step]').waitFor()
    expect(await page.getByRole('list', { name: 'Stages' }).textContent()).toContain('now')
  })

  it('reads that moving the slider pauses the ramp, and goes on from there', async () => {
    await page.getByRole('tab', { name: 'Rollout' }).click()
    await slider().focus()
    await page.keyboard.press('ArrowRight')
    await page.getByText('A ramp is under way: moving the slider by hand pauses it.').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Resume from here' }).click()
    const banner = page.getByRole('note').filter({ hasText: /^Ramp running: stage/ })
    await banner.waitFor()
    expect(await banner.textContent()).toContain('To the ramp')
  })

  it.each(['light', 'dark'] as const)('is accessible at a ramp in the %s theme', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.getByRole('tab', { name: 'Ramp' }).click()
    await page.getByRole('list', { name: 'Stages' }).waitFor()
    expect(await violations('Ramp')).toEqual([])
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('button', { name: 'Resume', exact: true }).waitFor()
    await page.getByRole('button', { name: 'More acts on the ramp' }).click()
    await page.getByRole('menuitem', { name: 'Edit the plan…' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor()
    expect(await violations('Ramp form')).toEqual([])
    await page.getByRole('button', { name: 'Cancel' }).click()
    // The share was moved off its stage by hand, so there is no going on as if nothing had been.
    await page.getByRole('button', { name: 'Resume from here' }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  })

  it('stops the line, and reads on every page who did', async () => {
    await section('Calendar').click()
    await page.getByRole('textbox', { name: 'Reason' }).fill('an incident')
    await page.getByRole('button', { name: 'Stop the line' }).click()
    await section('Services').click()
    await page.getByText(/Maya stopped the line \(an incident\)/).waitFor()
    expect(await violations('Banner')).toEqual([])
    await page.getByRole('link', { name: 'To the calendar' }).click()
    await page.getByRole('button', { name: 'Let it run again' }).click()
    await page.getByRole('button', { name: 'Stop the line' }).waitFor()
  })

  it.each(['light', 'dark'] as const)(
    'is accessible on every section in the %s theme',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      for (const name of [
        'Mappings',
        'Groups',
        'Services',
        'Segments',
        'Agents',
        'Approvals',
        'Calendar',
        'Audit',
        'Notifications',
        'People & tokens',
        'Environment',
      ]) {
        await section(name).click()
        await page.getByRole('heading', { level: 1 }).waitFor()
        expect(await violations(name)).toEqual([])
      }
    },
  )

  it('met no error on any page', () => {
    expect(pageErrors).toEqual([])
  })
})
