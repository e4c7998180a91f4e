import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { expect } from 'vitest'
import { findChromium, FRONTEND } from './programs.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SCREENSHOTS = path.join(FRONTEND, 'test/browser/screenshots')

export const launch = () =>
  chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

const clientAddress = () => `198.51.${randomInt(256)}.${randomInt(256)}`

/** A page in a browser profile of its own; `problems` collects what the console and the policy complain of. */
export async function openPage(browser, url, options) {
  const context = await browser.newContext({
    baseURL: url,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    extraHTTPHeaders: { 'X-Forwarded-For': clientAddress() },
    ...options,
  })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  page.problems = []
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // Chromium reports every refused request, and refusals are part of the test.
    const isRefusal = message.text().startsWith('Failed to load resource: the server responded with a status of 4')
    if (['error', 'warning'].includes(message.type()) && !isRefusal) page.problems.push(`console: ${message.text()}`)
  })
  return page
}

/** Holds the view against axe and the window's width, and keeps a picture of it. */
export async function checkView(page, heading, picture) {
  await page.getByRole('heading', { name: heading, exact: true }).waitFor()
  await page.screenshot({ path: path.join(SCREENSHOTS, `${picture}.png`), fullPage: true })

  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const results = await window.axe.run(document, { resultTypes: ['violations'] })
    return results.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
  expect(violations, `axe on "${heading}"`).toEqual([])

  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth])
  expect(content, `"${heading}" is wider than its window`).toBeLessThanOrEqual(window)
}

/** Presses Tab until `target` has the focus, and sees that the focus can be seen. */
export async function tabTo(page, target) {
  const hasFocus = () => target.evaluate((element) => element === document.activeElement)
  for (let presses = 0; presses < 60; presses += 1) {
    if (await hasFocus()) {
      const outline = await target.evaluate((element) => getComputedStyle(element).outlineStyle)
      expect(outline, `${target} has no visible focus`).not.toBe('none')
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reaches ${target}`)
}
