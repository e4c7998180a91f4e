const TIMEOUT_MS = 15_000

/** What went wrong, in words for the person; `fields` is [{path, message}] when single inputs are to blame. */
export class ApiError extends Error {
  constructor(status, message, { type, fields } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.type = type ?? null
    this.fields = fields ?? []
  }

  /** True when nothing reached the API or nothing sensible came back, so trying again may help. */
  get temporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** One request to the API: its JSON (null for no content), or an ApiError. */
export async function send(method, path, { body, token } = {}) {
  const headers = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (token) headers.Authorization = `Bearer ${token}`

  let response, text
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    text = await response.text()
  } catch {
    throw new ApiError(0, 'The service cannot be reached. Check your connection and try again.')
  }

  const data = parse(text)
  if (!response.ok) throw problem(response.status, data)
  // A success that is not JSON is another server's page, such as a captive portal's.
  if (data === undefined) throw new ApiError(0, 'The service gave an unexpected answer. Try again in a moment.')
  return data
}

function parse(text) {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// While the platform has no healthy task, the load balancer answers with HTML of its own.
function problem(status, data) {
  const { type, title, detail, errors } = data ?? {}
  const fallback =
    status === 429
      ? 'Too many attempts. Wait a minute and try again.'
      : status >= 500
        ? 'The service is not available right now. Try again in a moment.'
        : 'The request was refused.'
  return new ApiError(status, detail || (status < 500 && title) || fallback, { type, fields: errors })
}
