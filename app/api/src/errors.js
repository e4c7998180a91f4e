import { STATUS_CODES } from 'node:http';

/** An error the caller is told about, as RFC 9457 has it. */
export class Problem extends Error {
  constructor(status, detail, { type = 'about:blank', errors, headers } = {}) {
    super(detail);
    this.status = status;
    this.body = { type, title: STATUS_CODES[status], status, detail, ...(errors && { errors }) };
    this.headers = headers;
  }
}

// One answer whatever is wrong with a token or a password: the differences only help an attacker.
export const unauthorized = () =>
  new Problem(401, 'Sign in with valid credentials to do this.', { headers: { 'WWW-Authenticate': 'Bearer' } });

export const invalid = (errors) => new Problem(400, 'The request is not valid.', { errors });

export const notFound = () => new Problem(404, 'There is nothing at this address.');

export const tooManyRequests = (seconds) =>
  new Problem(429, 'Too many attempts. Wait a minute and try again.', { headers: { 'Retry-After': String(seconds) } });

export const unavailable = (cause) =>
  Object.assign(
    new Problem(503, 'The service is temporarily unavailable. Try again in a few seconds.', {
      headers: { 'Retry-After': '5' },
    }),
    { cause },
  );

/** Express's last handler: every error leaves as problem+json, and none with an inner detail. */
// Express knows an error handler by its four parameters.
// eslint-disable-next-line no-unused-vars
export function sendError(error, req, res, next) {
  const problem = asProblem(error);
  if (problem.status >= 500) {
    req.log[problem.status === 503 ? 'warn' : 'error']({ err: problem.cause ?? error }, 'request failed');
  }
  if (res.headersSent) return res.destroy();
  res.status(problem.status).set(problem.headers ?? {});
  res.type('application/problem+json').send(JSON.stringify(problem.body));
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  // Express and its body parser mark what the client did wrong. Their messages may quote the body.
  if (error.status >= 400 && error.status < 500) {
    return new Problem(error.status, BODY_PROBLEMS[error.type] ?? 'The request cannot be read.');
  }
  return new Problem(500, 'Something went wrong on our side.');
}

const BODY_PROBLEMS = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is larger than 100 kB.',
  'encoding.unsupported': 'The encoding of the body is not supported.',
  'charset.unsupported': 'The character set of the body is not supported.',
};
