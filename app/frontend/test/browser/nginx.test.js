import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNginx } from './nginx.js'

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2000))})`
const IMMUTABLE = 'public, max-age=31536000, immutable'
const TYPES = {
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json; charset=utf-8',
  webp: 'image/webp',
  woff2: 'font/woff2',
  unknown: 'application/octet-stream',
}

let nginx, root

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'frontend-root-'))
  mkdirSync(path.join(root, 'assets'))
  writeFileSync(path.join(root, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(path.join(root, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(path.join(root, 'assets/index-abc123.js'), SCRIPT)
  for (const extension of Object.keys(TYPES)) writeFileSync(path.join(root, `assets/a.${extension}`), '{}')
  nginx = await startNginx({ root })
})

afterAll(async () => {
  await nginx?.stop()
  rmSync(root, { recursive: true, force: true })
})

/** {status, headers, body}, as sent: fetch would hide the encoding and refuse some requests. */
function get(target, { method = 'GET', headers = {}, base = nginx.url } = {}) {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const options = { host: hostname.replace(/[[\]]/g, ''), port, path: target, method, headers }
    request(options, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
      .on('error', reject)
      .end()
  })
}

describe('health', () => {
  test('is 200 and text, on IPv4 and IPv6', async () => {
    for (const base of nginx.urls) {
      const { status, headers, body } = await get('/health', { base })
      expect([status, headers['content-type'], body]).toEqual([200, 'text/plain; charset=utf-8', 'ok\n'])
    }
  })

  test('is not logged, other requests are, as JSON', async () => {
    await get('/health')
    await get('/items?page=1', { headers: { 'X-Forwarded-For': '203.0.113.7', 'User-Agent': 'a "quoted" agent' } })
    const uris = nginx.accessLog().map(({ uri }) => uri)
    expect(uris).not.toContain('/health')
    expect(nginx.accessLog().find(({ uri }) => uri === '/items?page=1')).toMatchObject({
      method: 'GET',
      status: 200,
      client: '203.0.113.7',
      agent: 'a "quoted" agent',
    })
  })
})

describe('the page', () => {
  test.each(['/', '/index.html', '/profile', '/deep/er/view', '/assets', '/apiary'])('is what %s gets, never stored', async (target) => {
    const { status, headers, body } = await get(target)
    expect([status, body]).toEqual([200, '<!doctype html><title>page</title>'])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-store')
  })

  test.each(['/favicon.ico', '/robots.txt', '/.env', '/.git/config', '/wp-login.php', '/deep/page.html'])(
    'is not what a missing file gets: %s',
    async (target) => {
      expect((await get(target)).status).toBe(404)
    },
  )

  test.each(['/api/', '/api/items', '/api/health', '/api/openapi.json'])('is not what the API path %s gets here', async (target) => {
    expect((await get(target)).status).toBe(404)
  })

  test('may be asked for, not posted to', async () => {
    expect((await get('/', { method: 'HEAD' })).status).toBe(200)
    expect((await get('/', { method: 'POST' })).status).toBe(405)
  })
})

describe('a hashed asset', () => {
  test('is kept for ever', async () => {
    const { status, headers } = await get('/assets/index-abc123.js')
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^(text|application)\/javascript/)
    expect(headers['cache-control']).toBe(IMMUTABLE)
  })

  test('is kept for ever when found unchanged', async () => {
    const { headers } = await get('/assets/index-abc123.js')
    const again = await get('/assets/index-abc123.js', { headers: { 'If-None-Match': headers.etag } })
    expect([again.status, again.headers['cache-control']]).toEqual([304, IMMUTABLE])
  })

  test.each(['/assets/index-gone.js', '/assets/', '/assets/gone'])('that is missing is 404 and not remembered: %s', async (target) => {
    const { status, headers, body } = await get(target)
    expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
    expect(body).not.toContain('<title>page</title>')
  })

  test.each(Object.entries(TYPES))('has the type of its name: .%s', async (extension, type) => {
    expect((await get(`/assets/a.${extension}`)).headers['content-type']).toBe(type)
  })

  test('is compressed for those who ask', async () => {
    const { headers } = await get('/assets/index-abc123.js', { headers: { 'Accept-Encoding': 'gzip', Via: '1.1 proxy' } })
    expect(headers['content-encoding']).toBe('gzip')
    expect(headers.vary).toBe('Accept-Encoding')
    expect((await get('/assets/index-abc123.js')).headers['content-encoding']).toBeUndefined()
  })
})

describe('every kind of answer', () => {
  const kinds = [
    ['the page', '/', 200],
    ['a view', '/profile', 200],
    ['an asset', '/assets/index-abc123.js', 200],
    ['another file', '/favicon.svg', 200],
    ['health', '/health', 200],
    ['a missing asset', '/assets/gone.js', 404],
    ['a missing file', '/gone.txt', 404],
    ['an API path', '/api/items', 404],
    ['a refused method', '/', 405, 'DELETE'],
    ['a path out of the folder', '/../../etc/passwd', 400],
  ]

  test.each(kinds)('has the security headers once and tells no version: %s', async (_kind, target, expected, method) => {
    const { status, headers } = await get(target, { method })
    expect(status).toBe(expected)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'cross-origin-resource-policy': 'same-origin',
      server: 'nginx',
    })
    const policy = headers['content-security-policy']
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
  })

  test('asks for TLS only after TLS', async () => {
    for (const target of ['/', '/assets/index-abc123.js', '/gone.txt']) {
      const secure = await get(target, { headers: { 'X-Forwarded-Proto': 'https' } })
      expect(secure.headers['strict-transport-security']).toBe('max-age=31536000')
      const plain = await get(target, { headers: { 'X-Forwarded-Proto': 'http' } })
      expect(plain.headers).not.toHaveProperty('strict-transport-security')
    }
  })
})
