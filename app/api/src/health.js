import { z } from 'zod';
import { Problem } from './errors.js';
import { createOperations } from './operations.js';

const CHECK_MS = 1_500;
const KEEP_MS = 1_000;

/**
 * Health says that the process serves requests and touches nothing else: a database outage must
 * not make the platform replace every task. Readiness asks what the API depends on.
 */
export function createHealthRoutes({ port, checks }) {
  const root = createOperations('');
  const api = createOperations('/api');

  const markAsHealthCheck = (req, res, next) => {
    req.isHealthCheck = true; // logged at level debug
    next();
  };

  const healthy = z.object({ status: z.literal('healthy') });

  root.add(
    'get',
    '/health',
    {
      summary: 'Whether the process serves requests',
      dependsOnNothing: true,
      guards: [markAsHealthCheck],
      responses: { 200: { description: 'It does', body: healthy.extend({ timestamp: z.iso.datetime(), port: z.int() }) } },
    },
    (req, res) => {
      res.json({ status: 'healthy', timestamp: new Date().toISOString(), port });
    },
  );

  api.add(
    'get',
    '/health',
    {
      summary: 'Whether the process serves requests; what the load balancer asks',
      dependsOnNothing: true,
      guards: [markAsHealthCheck],
      responses: { 200: { description: 'It does', body: healthy.extend({ path: z.literal('/api/health') }) } },
    },
    (req, res) => {
      res.json({ status: 'healthy', path: '/api/health' });
    },
  );

  const failing = shared(() => failingChecks(checks));

  api.add(
    'get',
    '/ready',
    {
      summary: 'Whether PostgreSQL and DynamoDB answer',
      responses: { 200: { description: 'They do', body: z.object({ status: z.literal('ready') }) } },
    },
    async (req, res) => {
      const failures = await failing();
      for (const [name, error] of failures) req.log.warn({ err: error }, `${name} is not ready`);
      if (failures.length > 0) {
        throw new Problem(503, `Not answering: ${failures.map(([name]) => name).join(', ')}.`, { headers: { 'Retry-After': '5' } });
      }
      res.json({ status: 'ready' });
    },
  );

  return { root, api };
}

/** The checks that fail or take too long, as [name, error]. */
async function failingChecks(checks) {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS);
      });
      try {
        await Promise.race([check(), late]);
        return null;
      } catch (error) {
        return [name, error];
      } finally {
        clearTimeout(timer);
      }
    }),
  );
  return results.filter(Boolean);
}

/** Answers from one run for a moment: anyone may ask, and each run costs two round trips. */
function shared(run) {
  let current;
  let freshUntil = 0;
  return () => {
    if (Date.now() >= freshUntil) {
      freshUntil = Infinity;
      current = run().finally(() => (freshUntil = Date.now() + KEEP_MS));
    }
    return current;
  };
}
