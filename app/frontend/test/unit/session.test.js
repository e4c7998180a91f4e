import { beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeApi, held, json, unauthorized } from './fake-api.js'

const ADA = { email: 'ada@example.com', password: 'Correct-horse-9' }
const REFRESH = 'POST /api/auth/refresh'
const ITEMS = 'GET /api/items'

let api, session, ended

beforeEach(async () => {
  vi.resetModules()
  api = fakeApi()
  api.addUser(ADA)
  session = await import('../../src/api/session.js')
  ended = vi.fn()
  session.onSessionEnd(ended)
  await session.signIn(ADA.email, ADA.password)
})

const getItems = () => session.sendSignedIn('GET', '/api/items?limit=20')
const failure = (promise) => promise.then(() => expect.unreachable('it should have failed'), (error) => error)

describe('where tokens are kept', () => {
  test('only the refresh token is stored, and only for this tab', () => {
    expect(Object.entries(sessionStorage)).toEqual([['refreshToken', api.sessions()[0]]])
    expect(localStorage).toHaveLength(0)
    expect(document.cookie).toBe('')
  })

  test('a reload goes on with the refresh token', async () => {
    vi.resetModules()
    const reloaded = await import('../../src/api/session.js')
    expect(reloaded.isSignedIn()).toBe(true)
    await reloaded.sendSignedIn('GET', '/api/items?limit=20')
    expect(api.called(REFRESH)).toHaveLength(1)
  })
})

describe('an access token', () => {
  test('that is valid is used without a refresh', async () => {
    await getItems()
    await getItems()
    expect(api.called(REFRESH)).toHaveLength(0)
  })

  test('that has run out by the clock is refreshed before the request', async () => {
    vi.useFakeTimers({ now: Date.now() + 301_000, toFake: ['Date'] })
    await getItems()
    vi.useRealTimers()
    expect(api.calls.map(({ route }) => route).slice(-2)).toEqual([REFRESH, ITEMS])
  })

  test('that the API refuses is refreshed and the request is sent once more', async () => {
    api.expireAccess()
    await expect(getItems()).resolves.toMatchObject({ items: [] })
    expect(api.calls.map(({ route }) => route).slice(-3)).toEqual([ITEMS, REFRESH, ITEMS])
    const [first, second] = api.called(ITEMS)
    expect(second.token).not.toBe(first.token)
  })

  test('is refreshed once for all requests that find it expired together', async () => {
    api.expireAccess()
    await Promise.all([getItems(), getItems(), getItems()])
    expect(api.called(REFRESH)).toHaveLength(1)
    expect(api.called(ITEMS)).toHaveLength(6)
  })

  test('renewed by another request meanwhile is used as it is', async () => {
    const late = held(unauthorized())
    api.failNext(ITEMS, late.promise)
    const slow = getItems()
    await vi.waitFor(() => expect(api.called(ITEMS)).toHaveLength(1))
    api.expireAccess()
    await getItems()
    late.release()
    await slow
    expect(api.called(REFRESH)).toHaveLength(1)
  })

  test('can be refreshed again after the last refresh is over', async () => {
    api.expireAccess()
    await getItems()
    api.expireAccess()
    await getItems()
    expect(api.called(REFRESH)).toHaveLength(2)
  })
})

describe('the session ends', () => {
  test('when the refresh token is refused, once for all requests', async () => {
    api.endSession()
    const errors = await Promise.all([failure(getItems()), failure(getItems())])
    expect(errors.map(({ status, message }) => [status, message])).toEqual(Array(2).fill([401, session.SESSION_ENDED]))
    expect(ended.mock.calls).toEqual([[session.SESSION_ENDED]])
    expect(session.isSignedIn()).toBe(false)
  })

  test('when a renewed token is refused as well, without a third try', async () => {
    api.failNext(ITEMS, unauthorized())
    api.failNext(ITEMS, unauthorized())
    expect(await failure(getItems())).toMatchObject({ status: 401 })
    expect(api.called(ITEMS)).toHaveLength(2)
    expect(ended).toHaveBeenCalledWith(session.SESSION_ENDED)
  })

  test.each([
    ['an outage', () => new Response('<html>', { status: 503 })],
    ['a lost connection', () => new TypeError('Failed to fetch')],
    ['too many requests', () => json(429, {})],
  ])('not by %s during the refresh', async (_name, response) => {
    api.expireAccess()
    api.failNext(REFRESH, response())
    expect((await failure(getItems())).temporary).toBe(true)
    expect(ended).not.toHaveBeenCalled()
    await expect(getItems()).resolves.toMatchObject({ items: [] })
  })
})

describe('signing out', () => {
  test('revokes the refresh token and forgets both', async () => {
    await session.signOut()
    expect(api.sessions()).toEqual([])
    expect(session.isSignedIn()).toBe(false)
    expect(ended.mock.calls).toEqual([[null]])
    expect(await failure(getItems())).toMatchObject({ status: 401 })
  })

  test('after a reload gets a token to revoke the session with', async () => {
    vi.resetModules()
    const reloaded = await import('../../src/api/session.js')
    await reloaded.signOut()
    expect(api.sessions()).toEqual([])
  })

  test('works here even when the API cannot be told', async () => {
    api.failNext('POST /api/auth/logout', new TypeError('Failed to fetch'))
    await session.signOut()
    expect(session.isSignedIn()).toBe(false)
  })

  test('is not undone by a refresh that answers later', async () => {
    const late = held(json(200, { accessToken: 'late', expiresIn: 300 }))
    api.expireAccess()
    api.failNext(REFRESH, late.promise)
    const request = failure(getItems())
    await vi.waitFor(() => expect(api.called(REFRESH)).toHaveLength(1))
    await session.signOut()
    late.release()
    expect(await request).toMatchObject({ status: 401 })
    expect(session.isSignedIn()).toBe(false)
    expect(ended.mock.calls).toEqual([[null]])
  })
})
