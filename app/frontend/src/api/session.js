import { ApiError, send } from './http.js'

// Where the tokens live. A script injected into this page could use whatever the page can use, so
// the content security policy is the first defence and this is the second: the access token is
// only ever in this module's memory, and the refresh token, needed to survive a reload, is in
// sessionStorage, which ends with the tab and is not shared with others. Nothing is in
// localStorage, where it would outlive the visit, and nothing is in a cookie, so no other site can
// make the browser send it.
const STORAGE_KEY = 'refreshToken'
const EXPIRY_MARGIN_MS = 5_000

let access = null // { token, expiresAt }
let refreshing = null
const listeners = new Set()

export const SESSION_ENDED = 'Your session has ended. Sign in again to continue.'

export function isSignedIn() {
  return sessionStorage.getItem(STORAGE_KEY) !== null
}

/** Calls `listener(message)` when the session ends; `message` is null when the person asked for it. */
export function onSessionEnd(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export async function signIn(email, password) {
  const tokens = await send('POST', '/api/auth/login', { body: { email, password } })
  sessionStorage.setItem(STORAGE_KEY, tokens.refreshToken)
  keepAccess(tokens)
}

/** Ends the session here at once; telling the API, which revokes the refresh token, may fail. */
export async function signOut() {
  const refreshToken = sessionStorage.getItem(STORAGE_KEY)
  let token = freshToken()
  end(null)
  try {
    token ??= (await send('POST', '/api/auth/refresh', { body: { refreshToken } })).accessToken
    await send('POST', '/api/auth/logout', { body: { refreshToken }, token })
  } catch {
    // The tokens are gone from this browser and run out by themselves.
  }
}

/** A request as the signed-in person: expired tokens are refreshed first, and once more after a 401. */
export async function sendSignedIn(method, path, body) {
  const token = await currentToken()
  try {
    return await send(method, path, { body, token })
  } catch (error) {
    if (error.status !== 401) throw error
  }
  if (access?.token === token) access = null // unless another request has already renewed it
  const renewed = await currentToken()
  try {
    return await send(method, path, { body, token: renewed })
  } catch (error) {
    if (error.status !== 401) throw error
    if (access?.token === renewed) end(SESSION_ENDED)
    throw new ApiError(401, SESSION_ENDED)
  }
}

async function currentToken() {
  const token = freshToken()
  if (token) return token
  refreshing ??= refresh().finally(() => (refreshing = null))
  return refreshing
}

function freshToken() {
  return access && Date.now() < access.expiresAt ? access.token : null
}

async function refresh() {
  const refreshToken = sessionStorage.getItem(STORAGE_KEY)
  if (!refreshToken) throw new ApiError(401, SESSION_ENDED)
  let tokens
  try {
    tokens = await send('POST', '/api/auth/refresh', { body: { refreshToken } })
  } catch (error) {
    // An outage is no reason to sign anyone out: only a refusal ends the session.
    if (error.temporary) throw error
    if (sessionStorage.getItem(STORAGE_KEY) === refreshToken) end(SESSION_ENDED)
    throw new ApiError(401, SESSION_ENDED)
  }
  // The person may have signed out, or in as someone else, while the answer was on its way.
  if (sessionStorage.getItem(STORAGE_KEY) !== refreshToken) throw new ApiError(401, SESSION_ENDED)
  keepAccess(tokens)
  return tokens.accessToken
}

function keepAccess({ accessToken, expiresIn }) {
  access = { token: accessToken, expiresAt: Date.now() + expiresIn * 1000 - EXPIRY_MARGIN_MS }
}

function end(message) {
  access = null
  sessionStorage.removeItem(STORAGE_KEY)
  listeners.forEach((listener) => listener(message))
}
