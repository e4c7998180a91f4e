import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { checkView, launch, openPage, tabTo } from './browser.js'
import { startStack } from './stack.js'

const PASSWORD = 'Correct-horse-9-battery'
const NEW_PASSWORD = 'Another-horse-8-battery'
const DESKTOP = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

const newEmail = () => `${randomBytes(6).toString('hex')}@example.com`

let stack, browser
let pages = []

beforeAll(async () => {
  stack = await startStack()
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

afterEach(async () => {
  const opened = pages
  pages = []
  await Promise.all(opened.map((page) => page.context().close()))
  expect(opened.flatMap(({ problems }) => problems)).toEqual([])
})

async function open(options = DESKTOP) {
  const page = await openPage(browser, stack.url, options)
  pages.push(page)
  return page
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true })
const button = (page, name) => page.getByRole('button', { name, exact: true })
const said = (page, text) => page.getByRole('status').getByText(text).waitFor()

async function register(page, email) {
  await page.goto('/register')
  await page.getByLabel('Name').fill('Ada Lovelace')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await button(page, 'Create account').click()
  await heading(page, 'Confirm your email').waitFor()
}

/** The code that was sent last to `email`. */
async function codeOf(email) {
  if (!process.env.MAIL_URL) return '123456' // the AWS of the API's own tests takes any
  const messages = await fetch(process.env.MAIL_URL).then((answer) => answer.json())
  return messages.find(({ to }) => to === email).code
}

async function confirm(page, email) {
  await page.getByLabel('Code').fill(await codeOf(email))
  await button(page, 'Confirm').click()
  await heading(page, 'Sign in').waitFor()
}

async function signIn(page, email, password = PASSWORD) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

async function addItem(page, title, notes = '') {
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Notes').fill(notes)
  await button(page, 'Add item').click()
  await page.getByRole('checkbox', { name: title }).waitFor()
}

describe.each([
  ['desktop', DESKTOP],
  ['phone', PHONE],
])('on a %s', (device, options) => {
  test('an account is made and its items are added, edited, ticked off and deleted', async () => {
    const page = await open(options)
    const check = (title, picture) => checkView(page, title, `${device}-${picture}`)
    const email = newEmail()

    await page.goto('/')
    await check('Sign in', 'sign-in')
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByLabel('Password', { exact: true }).fill('Correct-horse')
    await button(page, 'Create account').click()
    await check('Create an account', 'register-errors')
    expect(await page.getByLabel('Email').getAttribute('aria-invalid')).toBe('true')

    await register(page, email)
    await check('Confirm your email', 'confirm')
    await button(page, 'Send a new code').click()
    await said(page, /a new one is on its way/)
    await check('Confirm your email', 'confirm-sent-again')
    await page.getByLabel('Email', { exact: true }).fill('')
    await button(page, 'Send a new code').click()
    await check('Confirm your email', 'confirm-errors')
    await page.getByLabel('Email', { exact: true }).fill(email)
    await confirm(page, email)
    await signIn(page, email, 'wrong')
    await page.getByRole('alert').waitFor()
    await check('Sign in', 'sign-in-refused')
    await signIn(page, email)
    await page.getByText('Nothing here yet').waitFor()
    await check('Items', 'items-empty')

    await addItem(page, 'Renew the TLS certificate of the staging load balancer', 'The mail from the authority says the 14th.')
    await addItem(page, 'Water the plants')
    await page.getByLabel('Expires').fill(`${new Date().getFullYear() + 1}-03-14`)
    await addItem(page, 'Book a room for the review')
    await page.getByRole('checkbox', { name: 'Water the plants' }).check()
    await said(page, 'Water the plants is done')
    await check('Items', 'items')

    await button(page, 'Edit Book a room for the review').click()
    await page.getByRole('form', { name: /^Edit/ }).getByLabel('Title').fill('Book the big room')
    await check('Items', 'items-editing')
    await button(page, 'Save').click()
    await said(page, 'Item saved')
    await page.getByRole('checkbox', { name: 'Book the big room' }).waitFor()

    await button(page, 'Delete Book the big room').click()
    await check('Delete this item?', 'items-deleting')
    await button(page, 'Delete').click()
    await said(page, 'Item deleted')
    expect(await page.getByRole('checkbox').count()).toBe(2)

    await page.reload()
    await page.getByRole('checkbox', { name: 'Water the plants' }).waitFor()
    expect(await page.getByRole('checkbox', { name: 'Water the plants' }).isChecked()).toBe(true)
    expect(await page.getByText('Book the big room').count()).toBe(0)

    await page.getByRole('link', { name: 'Profile' }).click()
    await page.getByLabel('Name').fill('Countess Lovelace')
    await button(page, 'Save').click()
    await said(page, 'Profile saved')
    await check('Profile', 'profile')

    await button(page, 'Sign out').click()
    await heading(page, 'Sign in').waitFor()
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie])).toEqual([0, 0, ''])
  })
})

test('everything is done with the keyboard alone', async () => {
  const page = await open()
  const { keyboard } = page
  const email = newEmail()
  const type = async (label, text) => {
    await tabTo(page, page.getByLabel(label, { exact: true }))
    await keyboard.type(text)
  }
  const press = async (role, name, key = 'Enter') => {
    await tabTo(page, page.getByRole(role, { name, exact: true }))
    await keyboard.press(key)
  }

  await page.goto('/')
  await heading(page, 'Sign in').waitFor()
  await keyboard.press('Tab')
  expect(await page.getByRole('link', { name: 'Skip to content' }).evaluate((link) => link === document.activeElement)).toBe(true)
  await keyboard.press('Enter')
  await press('link', 'Create an account')
  await type('Email', email)
  await type('Password', PASSWORD)
  await keyboard.press('Enter')
  await heading(page, 'Confirm your email').waitFor()
  await press('button', 'Send a new code')
  await said(page, /a new one is on its way/)
  await type('Code', await codeOf(email))
  await keyboard.press('Enter')
  await heading(page, 'Sign in').waitFor()
  await type('Password', PASSWORD)
  await keyboard.press('Enter')
  await page.getByText('Nothing here yet').waitFor()

  await type('Title', 'Milk')
  await keyboard.press('Enter')
  await said(page, 'Item added')
  await press('checkbox', 'Milk', 'Space')
  await said(page, 'Milk is done')
  await press('button', 'Edit Milk')
  await keyboard.press('Control+A')
  await keyboard.type('Oat milk')
  await keyboard.press('Enter')
  await said(page, 'Item saved')
  await press('button', 'Delete Oat milk')
  await keyboard.press('Escape')
  // By its element: a role is gone as soon as it is hidden, a moment before the page has heard that it was closed.
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await button(page, 'Delete Oat milk').evaluate((element) => element === document.activeElement)).toBe(true)
  await keyboard.press('Enter')
  await press('button', 'Delete')
  await said(page, 'Item deleted')
  await page.getByText('Nothing here yet').waitFor()
  await press('button', 'Sign out')
  await heading(page, 'Sign in').waitFor()
})

describe('with one account', () => {
  const email = newEmail()

  test('a password forgotten before the address was confirmed leads there, and one forgotten later is replaced', async () => {
    const page = await open()
    await register(page, email)
    await page.goto('/forgot')
    await page.getByLabel('Email').fill(email)
    await button(page, 'Send a code').click()
    await checkView(page, 'Set a new password', 'desktop-reset-or-confirm')
    await page.getByRole('link', { name: 'Confirm your email' }).click()
    await heading(page, 'Confirm your email').waitFor()
    await confirm(page, email)
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await checkView(page, 'Forgot your password?', 'desktop-forgot')
    await page.getByLabel('Email').fill(email)
    await button(page, 'Send a code').click()
    await heading(page, 'Set a new password').waitFor()
    await page.getByLabel('Code').fill(await codeOf(email))
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD)
    await checkView(page, 'Set a new password', 'desktop-reset')
    await button(page, 'Change password').click()
    await page.getByText('Your password is changed').waitFor()
    await signIn(page, email, NEW_PASSWORD)
    await addItem(page, 'Milk')
  })

  test('an expired access token is refreshed unseen, and an ended session leads to signing in and back', async () => {
    const page = await open()
    await page.goto('/profile')
    await signIn(page, email, NEW_PASSWORD)
    await page.getByLabel('Name').waitFor()

    const refused = { status: 401, contentType: 'application/problem+json', body: '{"status":401}' }
    await page.route('**/api/items?*', (route) => route.fulfill(refused), { times: 1 })
    const refreshed = page.waitForResponse('**/api/auth/refresh')
    await page.getByRole('link', { name: 'Items' }).click()
    expect((await refreshed).status()).toBe(200)
    await page.getByRole('checkbox', { name: 'Milk' }).waitFor()

    await page.evaluate(() => sessionStorage.setItem('refreshToken', 'no longer valid'))
    await page.goto('/profile')
    await page.getByText('Your session has ended.').waitFor()
    await checkView(page, 'Sign in', 'desktop-session-ended')
    await signIn(page, email, NEW_PASSWORD)
    await heading(page, 'Profile').waitFor()
  })

  test('a change in another tab is not overwritten', async () => {
    const [mine, other] = [await open(), await open({ ...DESKTOP, colorScheme: 'dark' })]
    await other.goto('/')
    await checkView(other, 'Sign in', 'dark-sign-in')
    for (const page of [mine, other]) {
      await page.goto('/')
      await signIn(page, email, NEW_PASSWORD)
      await page.getByRole('checkbox', { name: 'Milk' }).waitFor()
    }
    await button(mine, 'Edit Milk').click()
    await other.getByRole('checkbox', { name: 'Milk' }).check()
    await said(other, 'Milk is done')
    await checkView(other, 'Items', 'dark-items')

    await mine.getByRole('form', { name: 'Edit Milk' }).getByLabel('Title').fill('Oat milk')
    await button(mine, 'Save').click()
    await mine.getByText('changed elsewhere since you opened it').waitFor()
    await checkView(mine, 'Items', 'desktop-conflict')
    await button(mine, 'Load the latest version').click()
    await said(mine, 'This is the latest version')
    expect(await mine.getByRole('checkbox', { name: 'Milk' }).isChecked()).toBe(true)

    await button(other, 'Edit Milk').click()
    await other.getByRole('form', { name: 'Edit Milk' }).getByLabel('Title').fill('')
    await button(other, 'Save').click()
    await checkView(other, 'Items', 'dark-editing-error')
    await button(other, 'Cancel').click()
    await button(other, 'Delete Milk').click()
    await checkView(other, 'Delete this item?', 'dark-deleting')
  })
})

test('an injected script does not run, and nothing goes to another origin', async () => {
  const page = await open()
  await page.goto('/nowhere')
  await checkView(page, 'Page not found', 'desktop-not-found')
  const { injected, refused } = await page.evaluate(async () => {
    const refused = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => refused.push(effectiveDirective))
    const attempts = [
      () => document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.injected = true">'),
      () => document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.injected = true' })),
      () => document.body.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' })),
      () => document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/stolen' })),
      () => fetch('http://127.0.0.1:9/stolen'),
    ]
    for (const attempt of attempts) await Promise.resolve().then(attempt).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 100))
    return { injected: window.injected, refused }
  })
  expect(injected).toBeUndefined()
  const trustedTypes = 'require-trusted-types-for'
  expect(refused.sort()).toEqual(['connect-src', 'img-src', trustedTypes, trustedTypes, 'style-src-elem'])
  page.problems = []
})
