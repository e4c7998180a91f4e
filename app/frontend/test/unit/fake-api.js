import { vi } from 'vitest'

const LIFETIME_SECONDS = 300

/**
 * The API's contract in memory, in place of `fetch`. `calls` lists what was asked; `failNext` makes
 * the next call of a route fail; `expireAccess` and `endSession` age the tokens.
 */
export function fakeApi() {
  const users = new Map() // email -> {id, email, name, password, confirmed, code}
  const sessions = new Map() // refresh token -> email
  const accessTokens = new Map() // access token -> email
  const failures = []
  const calls = []
  let items = []
  let count = 0

  const accepted = () => json(202, { message: 'If there is such an account, a code was sent.' })
  const sendCode = (user) => {
    if (user && !user.confirmed) user.code = user.code ? '654321' : '123456'
    return accepted()
  }

  const issue = (email) => {
    const accessToken = `access-${++count}`
    accessTokens.set(accessToken, email)
    return { accessToken, idToken: `id-${count}`, expiresIn: LIFETIME_SECONDS, tokenType: 'Bearer' }
  }

  const open = {
    'POST /api/auth/register'({ body }) {
      if (!users.has(body.email)) {
        users.set(body.email, { id: `user-${++count}`, name: null, confirmed: false, createdAt: now(), ...body })
      }
      return sendCode(users.get(body.email))
    },
    'POST /api/auth/confirm'({ body }) {
      const user = users.get(body.email)
      if (!user?.code || body.code !== user.code) return invalid('code', 'The code is not right or has expired.')
      user.confirmed = true
      return empty()
    },
    'POST /api/auth/resend': ({ body }) => sendCode(users.get(body.email)),
    'POST /api/auth/login'({ body }) {
      const user = users.get(body.email)
      if (!user?.confirmed || user.password !== body.password) return unauthorized()
      const refreshToken = `refresh-${++count}`
      sessions.set(refreshToken, body.email)
      return json(200, { ...issue(body.email), refreshToken })
    },
    'POST /api/auth/refresh'({ body }) {
      const email = sessions.get(body.refreshToken)
      return email ? json(200, issue(email)) : unauthorized()
    },
    'POST /api/auth/forgot': ({ body }) => sendCode(users.get(body.email)),
    'POST /api/auth/reset'({ body }) {
      if (body.code !== '123456') return invalid('code', 'The code is not right or has expired.')
      users.get(body.email).password = body.password
      return empty()
    },
  }

  const signedIn = {
    'POST /api/auth/logout'({ body }) {
      sessions.delete(body.refreshToken)
      return empty()
    },
    'GET /api/users/me': ({ user }) => json(200, publicUser(user)),
    'PATCH /api/users/me': ({ user, body }) => json(200, publicUser(Object.assign(user, body))),
    'GET /api/items'({ query }) {
      const start = Number(query.get('cursor') ?? 0)
      const end = start + Number(query.get('limit'))
      return json(200, { items: items.slice(start, end), nextCursor: end < items.length ? String(end) : null })
    },
    'POST /api/items'({ body }) {
      const item = makeItem(body)
      items.unshift(item)
      return json(201, item)
    },
    'GET /api/items/:id'({ id }) {
      const item = items.find((candidate) => candidate.id === id)
      return item ? json(200, item) : problem(404, 'There is nothing at this address.')
    },
    'PATCH /api/items/:id'({ id, body: { version, expiresAt, ...changes } }) {
      const item = items.find((candidate) => candidate.id === id)
      if (!item) return problem(404, 'There is nothing at this address.')
      if (item.version !== version) return problem(409, 'The item has changed.')
      if (expiresAt !== undefined) changes.expirationTime = expiresAt
      items = items.map((old) => (old === item ? { ...item, ...changes, version: version + 1 } : old))
      return json(200, items.find((candidate) => candidate.id === id))
    },
    'DELETE /api/items/:id'({ id }) {
      if (!items.some((item) => item.id === id)) return problem(404, 'There is nothing at this address.')
      items = items.filter((item) => item.id !== id)
      return empty()
    },
  }

  function makeItem({ title, notes = '', expiresAt = null, done = false }) {
    const id = `item-${++count}`
    return { id, title, notes, done, version: 1, createdAt: now(), updatedAt: now(), expirationTime: expiresAt }
  }

  async function answer(path, { method, headers, body: text }) {
    const url = new URL(path, 'http://localhost')
    const [, base, id] = /^(\/api\/items)\/(.+)$/.exec(url.pathname) ?? [null, url.pathname]
    const route = `${method} ${id ? `${base}/:id` : base}`
    const body = text && JSON.parse(text)
    calls.push({ route, body, token: headers.Authorization?.slice('Bearer '.length) ?? null })

    const planned = failures.findIndex((failure) => failure.route === route)
    if (planned >= 0) {
      const [{ response }] = failures.splice(planned, 1)
      if (response instanceof Error) throw response
      return response
    }

    const request = { id, body, query: url.searchParams }
    if (open[route]) return open[route](request)
    const email = accessTokens.get(headers.Authorization?.slice('Bearer '.length))
    if (!email) return unauthorized()
    return signedIn[route]({ ...request, user: users.get(email) })
  }

  vi.stubGlobal('fetch', answer)

  return {
    calls,
    called: (route) => calls.filter((call) => call.route === route),
    failNext: (route, response) => failures.push({ route, response }),
    addUser: (user) => users.set(user.email, { id: 'user-0', name: null, confirmed: true, createdAt: now(), ...user }),
    addItems: (...titles) => items.push(...titles.map((title) => makeItem({ title }))),
    changeElsewhere(title, changes) {
      items = items.map((item) => (item.title === title ? { ...item, ...changes, version: item.version + 1 } : item))
    },
    removeElsewhere: (title) => (items = items.filter((item) => item.title !== title)),
    items: () => items,
    expireAccess: () => accessTokens.clear(),
    endSession() {
      accessTokens.clear()
      sessions.clear()
    },
    sessions: () => [...sessions.keys()],
  }
}

const now = () => new Date().toISOString()

const publicUser = ({ id, email, name, createdAt }) => ({ id, email, name, createdAt, updatedAt: createdAt })

export const json = (status, data) => new Response(JSON.stringify(data), { status })

export const empty = () => new Response(null, { status: 204 })

export function problem(status, detail, { type = 'about:blank', errors } = {}) {
  return new Response(JSON.stringify({ type, title: 'Problem', status, detail, errors }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  })
}

export const invalid = (path, message) => problem(400, 'The request is not valid.', { errors: [{ path, message }] })

export const unauthorized = () => problem(401, 'Sign in with valid credentials to do this.')

/** An answer for `failNext` that comes when `release` is called. */
export function held(response) {
  let release
  const promise = new Promise((resolve) => (release = () => resolve(response)))
  return { promise, release }
}
