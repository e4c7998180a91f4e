import { send } from './http.js'
import { sendSignedIn } from './session.js'

const PAGE_SIZE = 20
const itemPath = (id) => `/api/items/${encodeURIComponent(id)}`

export const auth = {
  register: (account) => send('POST', '/api/auth/register', { body: account }),
  confirm: (email, code) => send('POST', '/api/auth/confirm', { body: { email, code } }),
  resend: (email) => send('POST', '/api/auth/resend', { body: { email } }),
  forgot: (email) => send('POST', '/api/auth/forgot', { body: { email } }),
  reset: (email, code, password) => send('POST', '/api/auth/reset', { body: { email, code, password } }),
}

export const profile = {
  get: () => sendSignedIn('GET', '/api/users/me'),
  update: (name) => sendSignedIn('PATCH', '/api/users/me', { name }),
}

export const items = {
  page(cursor) {
    const query = new URLSearchParams({ limit: PAGE_SIZE, ...(cursor && { cursor }) })
    return sendSignedIn('GET', `/api/items?${query}`)
  },
  get: ({ id }) => sendSignedIn('GET', itemPath(id)),
  add: (item) => sendSignedIn('POST', '/api/items', item),
  update: ({ id, version }, changes) => sendSignedIn('PATCH', itemPath(id), { ...changes, version }),
  remove: ({ id }) => sendSignedIn('DELETE', itemPath(id)),
}
