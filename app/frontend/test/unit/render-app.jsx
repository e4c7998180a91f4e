import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { vi } from 'vitest'
import { fakeApi } from './fake-api.js'

export const ADA = { email: 'ada@example.com', password: 'Correct-horse-9', name: 'Ada' }

/** The whole page at `path` on a new fake API; with `signedIn`, Ada's session is already in this tab. */
export async function renderApp(path = '/', { signedIn = false, arrange = () => {} } = {}) {
  vi.resetModules() // the session lives in a module
  const api = fakeApi()
  api.addUser(ADA)
  history.replaceState(null, '', path)
  const { default: App } = await import('../../src/App.jsx')
  if (signedIn) {
    const session = await import('../../src/api/session.js')
    await session.signIn(ADA.email, ADA.password)
  }
  await arrange(api)
  const view = render(<App />)
  return { api, user: userEvent.setup(), ...view }
}
