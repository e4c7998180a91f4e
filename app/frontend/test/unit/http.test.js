import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError, send } from '../../src/api/http.js'
import { empty, invalid, json } from './fake-api.js'

let fetched

const answerWith = (response) => {
  fetched = vi.fn(async () => {
    if (response instanceof Error) throw response
    return response
  })
  vi.stubGlobal('fetch', fetched)
}

const failure = (promise) => promise.then(() => expect.unreachable('it should have failed'), (error) => error)

beforeEach(() => answerWith(empty()))

describe('a request', () => {
  test('carries JSON and the token, and no cookies', async () => {
    await send('POST', '/api/items', { body: { title: 'Milk' }, token: 'abc' })
    const [path, options] = fetched.mock.calls[0]
    expect(path).toBe('/api/items')
    expect(options).toMatchObject({ method: 'POST', body: '{"title":"Milk"}', credentials: 'omit', cache: 'no-store' })
    expect(options.headers).toEqual({
      Accept: 'application/json',
      'Content-Type': 'application/json',
      Authorization: 'Bearer abc',
    })
  })

  test('without a body says nothing of a content type', async () => {
    await send('GET', '/api/items')
    expect(fetched.mock.calls[0][1].headers).toEqual({ Accept: 'application/json' })
  })

  test('has an end even when no answer comes', async () => {
    await send('GET', '/api/items')
    expect(fetched.mock.calls[0][1].signal).toBeInstanceOf(AbortSignal)
  })
})

describe('an answer', () => {
  test('is its JSON', async () => {
    answerWith(json(200, { id: 1 }))
    expect(await send('GET', '/api/items')).toEqual({ id: 1 })
  })

  test('without content is null', async () => {
    expect(await send('DELETE', '/api/items/1')).toBeNull()
  })

  test('that is a problem becomes an ApiError with its fields', async () => {
    answerWith(invalid('email', 'Not an email address.'))
    const error = await failure(send('POST', '/api/auth/login', { body: {} }))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 400,
      message: 'The request is not valid.',
      fields: [{ path: 'email', message: 'Not an email address.' }],
      temporary: false,
    })
  })

  test.each([
    ['a page of the load balancer', new Response('<html>503</html>', { status: 503 }), 503, /not available right now/],
    ['an empty 502', new Response('', { status: 502 }), 502, /not available right now/],
    ['a 429 that is not JSON', new Response('slow down', { status: 429 }), 429, /Wait a minute/],
    ['no connection', new TypeError('Failed to fetch'), 0, /cannot be reached/],
    ['a success that is not JSON', new Response('<html>', { status: 200 }), 0, /unexpected answer/],
  ])('of the kind "%s" is temporary and in plain words', async (_kind, response, status, message) => {
    answerWith(response)
    const error = await failure(send('GET', '/api/items'))
    expect(error).toMatchObject({ status, temporary: true })
    expect(error.message).toMatch(message)
  })
})
