import { fireEvent, screen } from '@testing-library/react'
import { describe, expect, test, vi } from 'vitest'
import { renderApp } from './render-app.jsx'

const heading = () => screen.getByRole('heading', { level: 1 })

describe('an address', () => {
  test.each([
    ['/', 'Sign in'],
    ['/profile', 'Sign in'],
    ['/sign-in', 'Sign in'],
    ['/register', 'Create an account'],
    ['/confirm', 'Confirm your email'],
    ['/forgot', 'Forgot your password?'],
    ['/reset', 'Set a new password'],
    ['/nowhere', 'Page not found'],
  ])('%s shows "%s" to a visitor, with its title', async (path, title) => {
    await renderApp(path)
    expect(heading()).toHaveTextContent(title)
    expect(document.title).toBe(`${title} - ProdReady`)
  })

  test('keeps the focus where the browser puts it when the page is opened', async () => {
    await renderApp('/register')
    expect(document.body).toHaveFocus()
  })

  test('of signing in shows the items to someone who is signed in', async () => {
    await renderApp('/sign-in', { signedIn: true })
    expect(heading()).toHaveTextContent('Items')
  })
})

describe('a link', () => {
  test('shows its view with the focus on the heading, and the back button returns', async () => {
    const { user } = await renderApp('/sign-in')
    await user.click(screen.getByRole('link', { name: 'Create an account' }))
    expect(location.pathname).toBe('/register')
    expect(heading()).toHaveFocus()
    history.back()
    await screen.findByRole('heading', { name: 'Sign in' })
    expect(heading()).toHaveFocus()
  })

  test('pressed with a modifier key is left to the browser', async () => {
    await renderApp('/sign-in')
    const handled = !fireEvent.click(screen.getByRole('link', { name: 'Create an account' }), { ctrlKey: true })
    expect(handled).toBe(false)
    expect(location.pathname).toBe('/sign-in')
  })

  test('in the navigation says which view is shown', async () => {
    await renderApp('/profile', { signedIn: true })
    expect(screen.getByRole('link', { name: 'Profile' })).toHaveAttribute('aria-current', 'page')
    expect(screen.getByRole('link', { name: 'Items' })).not.toHaveAttribute('aria-current')
    await screen.findByLabelText('Name')
  })
})

test('a view that breaks leaves a message and a way out, not an empty page', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  await renderApp('/', {
    signedIn: true,
    arrange: (api) => api.failNext('GET /api/items', new Response('{"items":[{}]}')),
  })
  expect(await screen.findByRole('heading', { name: 'Something went wrong' })).toBeVisible()
  expect(screen.getByRole('button', { name: 'Reload the page' })).toBeVisible()
})
