import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { held, invalid, problem, unauthorized } from './fake-api.js'
import { ADA, renderApp } from './render-app.jsx'

const field = (label) => screen.getByLabelText(label)
const press = (user, name) => user.click(screen.getByRole('button', { name }))
const heading = (name) => screen.findByRole('heading', { level: 1, name })

/** The input is marked, says why, and has the focus. */
function expectFieldError(input, message) {
  expect(input).toHaveAttribute('aria-invalid', 'true')
  expect(input).toHaveAccessibleDescription(expect.stringMatching(message))
  expect(input).toHaveFocus()
}

describe('signing in', () => {
  test('shows the items and keeps the email out of the address', async () => {
    const { user } = await renderApp('/sign-in')
    await user.type(field('Email'), ` ${ADA.email} `)
    await user.type(field('Password'), `${ADA.password}{Enter}`)
    expect(await heading('Items')).toHaveFocus()
    expect(location.pathname + location.search).toBe('/')
    expect(document.title).toBe('Items - ProdReady')
  })

  test('shows what was asked for when that was a private address', async () => {
    const { user } = await renderApp('/profile')
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), `${ADA.password}{Enter}`)
    expect(await heading('Profile')).toHaveFocus()
  })

  test('with nothing filled in names both fields and asks the API nothing', async () => {
    const { user, api } = await renderApp('/sign-in')
    await press(user, 'Sign in')
    expectFieldError(field('Email'), /Enter an email address/)
    expect(field('Password')).toHaveAccessibleDescription('Enter your password.')
    expect(api.calls).toEqual([])
  })

  test('with a wrong password says so, above the form, and keeps what was typed', async () => {
    const { user } = await renderApp('/sign-in')
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), 'wrong{Enter}')
    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent('The email or the password is not right.')
    expect(alert).toHaveFocus()
    expect(field('Email')).toHaveValue(ADA.email)
  })

  test.each([
    ['not confirmed yet', 'email-not-confirmed', 'Confirm your email'],
    ['that needs a new password', 'password-reset-required', 'Set a new password'],
  ])('to an account %s leads on', async (_state, type, next) => {
    const { user, api } = await renderApp('/sign-in')
    const refusal = problem(403, 'First this.', { type: `urn:prodready-infra:problem:${type}` })
    api.failNext('POST /api/auth/login', refusal)
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), `${ADA.password}{Enter}`)
    expect(await heading(next)).toHaveAccessibleDescription('First this.')
    expect(field('Email')).toHaveValue(ADA.email)
  })

  test('during an outage says so and can be tried again', async () => {
    const { user, api } = await renderApp('/sign-in')
    api.failNext('POST /api/auth/login', new Response('<html>', { status: 503 }))
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), `${ADA.password}{Enter}`)
    expect(await screen.findByRole('alert')).toHaveTextContent('not available right now')
    await press(user, 'Sign in')
    expect(await heading('Items')).toBeVisible()
  })

  test('pressed twice sends one request', async () => {
    const { user, api } = await renderApp('/sign-in')
    const late = held(unauthorized())
    api.failNext('POST /api/auth/login', late.promise)
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), ADA.password)
    await user.dblClick(screen.getByRole('button', { name: 'Sign in' }))
    late.release()
    await screen.findByRole('alert')
    expect(api.called('POST /api/auth/login')).toHaveLength(1)
  })

  test('can show the password', async () => {
    const { user } = await renderApp('/sign-in')
    expect(field('Password')).toHaveAttribute('type', 'password')
    await press(user, 'Show password')
    expect(field('Password')).toHaveAttribute('type', 'text')
    expect(screen.getByRole('button', { name: 'Show password' })).toHaveAttribute('aria-pressed', 'true')
  })
})

describe('registering', () => {
  test('leads through the code to signing in, with the email filled in', async () => {
    const { user, api } = await renderApp('/register')
    await user.type(field('Name (optional)'), 'Grace')
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'Correct-horse-9{Enter}')

    expect(await heading('Confirm your email')).toHaveFocus()
    expect(screen.getByRole('heading', { level: 1 })).toHaveAccessibleDescription(/We sent a code to grace@example.com/)
    expect(field('Email')).toHaveValue('grace@example.com')
    await user.type(field('Code'), ' 123456 {Enter}')

    expect(await heading('Sign in')).toHaveFocus()
    expect(screen.getByText(/Your email is confirmed/)).toBeVisible()
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    expect(await heading('Items')).toBeVisible()
    expect(api.called('POST /api/auth/register')[0].body).toEqual({
      name: 'Grace',
      email: 'grace@example.com',
      password: 'Correct-horse-9',
    })
  })

  test('leaves out an empty name', async () => {
    const { user, api } = await renderApp('/register')
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    await heading('Confirm your email')
    expect(api.called('POST /api/auth/register')[0].body).not.toHaveProperty('name')
  })

  test('says the password policy beforehand and what is missing afterwards', async () => {
    const { user, api } = await renderApp('/register')
    expect(field('Password')).toHaveAccessibleDescription(/At least 12 characters/)
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'correcthorse')
    const rules = within(screen.getByRole('list', { name: 'Password rules' }))
    expect(rules.getAllByRole('listitem').map((rule) => rule.textContent)).toEqual([
      '12 characters: met',
      'lower-case letter: met',
      'upper-case letter: not met yet',
      'number: not met yet',
      'symbol: not met yet',
    ])
    await press(user, 'Create account')
    expectFieldError(field('Password'), /still needs: upper-case letter, number, symbol/)
    expect(api.calls).toEqual([])
  })

  test('shows a refusal by the API at its field, until that field is changed', async () => {
    const { user, api } = await renderApp('/register')
    api.failNext('POST /api/auth/register', invalid('email', 'This address cannot be used.'))
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    await waitFor(() => expectFieldError(field('Email'), /This address cannot be used/))
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
    await user.type(field('Email'), 'x')
    expect(field('Email')).not.toHaveAttribute('aria-invalid')
  })

  test('shows field errors that fit no input above the form', async () => {
    const { user, api } = await renderApp('/register')
    api.failNext('POST /api/auth/register', invalid('', 'These values are not accepted.'))
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    expect(await screen.findByRole('alert')).toHaveTextContent('The request is not valid. These values are not accepted.')
  })

  test('shows a refusal that belongs to no field above the form', async () => {
    const { user, api } = await renderApp('/register')
    api.failNext('POST /api/auth/register', problem(429, 'Too many attempts. Wait a minute and try again.'))
    await user.type(field('Email'), 'grace@example.com')
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    expect(await screen.findByRole('alert')).toHaveTextContent('Too many attempts.')
  })

  test('says the same to an address that has an account', async () => {
    const { user } = await renderApp('/register')
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    expect(await heading('Confirm your email')).toHaveAccessibleDescription(/We sent a code to ada@example.com, unless it has an account/)
  })
})

/** An account of grace@example.com that waits for its confirmation; its code is 123456. */
async function registered() {
  const app = await renderApp('/register')
  await app.user.type(field('Email'), 'grace@example.com')
  await app.user.type(field('Password'), 'Correct-horse-9{Enter}')
  await heading('Confirm your email')
  return app
}

describe('a code that was lost', () => {
  const status = () => screen.getByRole('status')

  test('is sent again, and the new one confirms', async () => {
    const { user } = await registered()
    await user.type(field('Code'), '999999')
    await press(user, 'Send a new code')
    await waitFor(() => expect(status()).toHaveTextContent('If grace@example.com waits for a code, a new one is on its way.'))
    expect(field('Code')).toHaveValue('')
    expect(screen.getByRole('button', { name: 'Send a new code' })).toHaveFocus()
    await user.type(field('Code'), '123456{Enter}')
    await waitFor(() => expectFieldError(field('Code'), /not right or has expired/))
    await user.clear(field('Code'))
    await user.type(field('Code'), '654321{Enter}')
    expect(await heading('Sign in')).toHaveFocus()
  })

  test('needs no code to be sent again, but an email address', async () => {
    const { user, api } = await renderApp('/confirm')
    await press(user, 'Send a new code')
    expectFieldError(field('Email'), /Enter an email address/)
    expect(field('Code')).not.toHaveAttribute('aria-invalid')
    expect(api.calls).toEqual([])
    await user.type(field('Email'), ` ${ADA.email} `)
    await press(user, 'Send a new code')
    await waitFor(() => expect(status()).toHaveTextContent('a new one is on its way'))
    expect(api.called('POST /api/auth/resend')[0].body).toEqual({ email: ADA.email })
  })

  test('is sent once, however often the button is pressed meanwhile', async () => {
    const { user, api } = await registered()
    const late = held(problem(429, 'Too many attempts. Wait a minute and try again.'))
    api.failNext('POST /api/auth/resend', late.promise)
    const button = screen.getByRole('button', { name: 'Send a new code' })
    await user.dblClick(button)
    expect(button).toHaveAttribute('aria-disabled', 'true')
    late.release()
    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent('Too many attempts.')
    expect(alert).toHaveFocus()
    expect(button).toHaveAttribute('aria-disabled', 'false')
    expect(api.called('POST /api/auth/resend')).toHaveLength(1)
    await press(user, 'Send a new code')
    await waitFor(() => expect(status()).toHaveTextContent('a new one is on its way'))
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  })

  test('is sent again by registering again', async () => {
    const { user } = await registered()
    await user.click(screen.getByRole('link', { name: 'Back to sign in' }))
    await user.click(screen.getByRole('link', { name: 'Create an account' }))
    await user.type(field('Password'), 'Correct-horse-9{Enter}')
    await heading('Confirm your email')
    await user.type(field('Code'), '654321{Enter}')
    expect(await heading('Sign in')).toHaveFocus()
  })

  test('and a forgotten password lead to confirming first', async () => {
    const { user } = await registered()
    await user.click(screen.getByRole('link', { name: 'Back to sign in' }))
    await user.click(screen.getByRole('link', { name: 'Forgot your password?' }))
    await user.type(field('Email'), '{Enter}')
    expect(await heading('Set a new password')).toHaveAccessibleDescription(/If it was never confirmed, that code confirms it first/)
    await user.click(screen.getByRole('link', { name: 'Confirm your email' }))
    expect(field('Email')).toHaveValue('grace@example.com')
    await user.type(field('Code'), '654321{Enter}')
    expect(await heading('Sign in')).toHaveFocus()
  })
})

describe('confirming', () => {
  test('with a wrong code marks the code', async () => {
    const { user } = await renderApp('/confirm')
    await user.type(field('Email'), ADA.email)
    await user.type(field('Code'), '000000{Enter}')
    await waitFor(() => expectFieldError(field('Code'), /not right or has expired/))
  })

  test('without a code asks for it', async () => {
    const { user } = await renderApp('/confirm')
    await user.type(field('Email'), `${ADA.email}{Enter}`)
    expectFieldError(field('Code'), /Enter the code/)
  })
})

describe('a forgotten password', () => {
  test('is replaced with a code, and the new one signs in', async () => {
    const { user } = await renderApp('/sign-in')
    await user.click(screen.getByRole('link', { name: 'Forgot your password?' }))
    expect(await heading('Forgot your password?')).toHaveFocus()
    await user.type(field('Email'), `${ADA.email}{Enter}`)

    await heading('Set a new password')
    expect(screen.getByText(new RegExp(`If ${ADA.email} has an account, a code is on its way`))).toBeVisible()
    await user.type(field('Code'), '123456')
    await user.type(field('New password'), 'Another-horse-8{Enter}')

    await heading('Sign in')
    expect(screen.getByText(/Your password is changed/)).toBeVisible()
    await user.type(field('Password'), 'Another-horse-8{Enter}')
    expect(await heading('Items')).toBeVisible()
  })

  test('needs an email address', async () => {
    const { user } = await renderApp('/forgot')
    await user.type(field('Email'), 'nobody{Enter}')
    expectFieldError(field('Email'), /Enter an email address/)
  })

  test('holds the new password to the policy', async () => {
    const { user } = await renderApp('/reset')
    await user.type(field('Email'), ADA.email)
    await user.type(field('Code'), '123456')
    await user.type(field('New password'), 'short{Enter}')
    expectFieldError(field('New password'), /still needs: 12 characters/)
  })
})

describe('the session', () => {
  test('that ends leads back to signing in, says why, and goes on where it was', async () => {
    const { user, api } = await renderApp('/profile', { signedIn: true })
    await screen.findByLabelText('Name')
    api.endSession()
    await press(user, 'Save')
    expect(await heading('Sign in')).toHaveFocus()
    expect(screen.getByRole('heading', { level: 1 })).toHaveAccessibleDescription(/Your session has ended/)
    await user.type(field('Email'), ADA.email)
    await user.type(field('Password'), `${ADA.password}{Enter}`)
    expect(await heading('Profile')).toBeVisible()
  })

  test('is ended by signing out', async () => {
    const { user, api } = await renderApp('/', { signedIn: true })
    await press(user, 'Sign out')
    expect(await heading('Sign in')).toHaveFocus()
    expect(screen.queryByText(/Your session has ended/)).not.toBeInTheDocument()
    await waitFor(() => expect(api.sessions()).toEqual([]))
  })
})

describe('the profile', () => {
  test('shows the account and saves the name', async () => {
    const { user, api } = await renderApp('/profile', { signedIn: true })
    const name = await screen.findByLabelText('Name')
    expect(name).toHaveValue('Ada')
    expect(screen.getByText(ADA.email)).toBeVisible()
    await user.clear(name)
    await user.type(name, ' Ada Lovelace {Enter}')
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('Profile saved'))
    expect(api.called('PATCH /api/users/me')[0].body).toEqual({ name: 'Ada Lovelace' })
    expect(name).toHaveValue('Ada Lovelace')
    await user.click(screen.getByRole('link', { name: 'Items' }))
    expect(screen.getByRole('status')).toBeEmptyDOMElement()
  })

  test('needs a name', async () => {
    const { user } = await renderApp('/profile', { signedIn: true })
    await user.clear(await screen.findByLabelText('Name'))
    await press(user, 'Save')
    expectFieldError(field('Name'), /Enter your name/)
  })

  test('that cannot be loaded can be tried again', async () => {
    const { user } = await renderApp('/profile', {
      signedIn: true,
      arrange: (api) => api.failNext('GET /api/users/me', problem(503, 'The service is temporarily unavailable.')),
    })
    expect(await screen.findByRole('alert')).toHaveTextContent('temporarily unavailable')
    await press(user, 'Try again')
    expect(await screen.findByLabelText('Name')).toHaveValue('Ada')
  })
})
