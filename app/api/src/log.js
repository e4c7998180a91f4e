import { randomUUID } from 'node:crypto';
import pino from 'pino';

// Libraries hang requests, responses and query arguments on their errors: only these are logged.
const describe = ({ name, code, message, stack, cause }) => ({
  type: name,
  code,
  message,
  stack,
  ...(cause instanceof Error && { cause: describe(cause) }),
});

/** JSON lines on standard output, which the platform ships to its log group. */
export function createLogger({ logLevel, environment }, destination = pino.destination(1)) {
  return pino(
    {
      level: logLevel,
      base: { environment },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describe },
    },
    destination,
  );
}

const ACCEPTED_ID = /^[\w=;:.-]{1,128}$/;

/**
 * One line for each request, with the id that the load balancer or the caller gave it. It is made
 * of chosen fields: no header, query string or body can reach the log.
 */
export function requestLog(log) {
  return (req, res, next) => {
    const startedAt = performance.now();
    const given = req.get('X-Amzn-Trace-Id') ?? req.get('X-Request-Id');
    const requestId = ACCEPTED_ID.test(given ?? '') ? given : randomUUID();
    req.log = log.child({ requestId });
    res.set('X-Request-Id', requestId);
    res.once('close', () => {
      const line = {
        method: req.method,
        path: req.originalUrl.split('?', 1)[0].slice(0, 200),
        status: res.writableFinished ? res.statusCode : 499, // 499: the client left
        ms: Math.round(performance.now() - startedAt),
        user: req.user?.id,
      };
      req.log[req.isHealthCheck ? 'debug' : 'info'](line, 'request');
    });
    next();
  };
}
