import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { holdLock, query, startApplication } from './support/application.js';
import { startPostgres } from './support/postgres.js';
import { eventually } from './support/processes.js';

let postgres;
let application;
before(async () => {
  postgres = await startPostgres(); // one that may be stopped
  process.env.TEST_POSTGRES = postgres.url('postgres');
  application = await startApplication();
});
after(async () => {
  await application?.close();
  await postgres?.close();
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forgetReadiness = () => pause(1_050);

// Of its health checks; on an idle machine it is 2 s at the most.
const LOAD_BALANCER_TIMEOUT = 5_000;

async function timed(request) {
  const startedAt = Date.now();
  const { status, body } = await request;
  return { status, body, ms: Date.now() - startedAt };
}

test('/health says what the guide says', async () => {
  const startedAt = Date.now();
  const { body } = await application.api.get('/health').expect(200);
  assert.deepEqual(Object.keys(body), ['status', 'timestamp', 'port']);
  assert.equal(body.status, 'healthy');
  assert.equal(body.port, 8080);
  assert.ok(startedAt <= Date.parse(body.timestamp) && Date.parse(body.timestamp) <= Date.now());
});

test('/api/health says what the guide says, without authentication', async () => {
  const { body } = await application.api.get('/api/health').expect(200);
  assert.deepEqual(body, { status: 'healthy', path: '/api/health' });
});

test('/api/ready is 200 while both stores answer, and asks them once for many callers', async () => {
  await forgetReadiness();
  application.aws.calls.length = 0;
  const answers = await Promise.all(Array.from({ length: 10 }, () => application.api.get('/api/ready')));
  assert.deepEqual(answers.map(({ status, body }) => [status, body]), Array(10).fill([200, { status: 'ready' }]));
  assert.equal(application.aws.calls.filter(({ action }) => action === 'GetItem').length, 1);
});

for (const failure of ['hang', 'ResourceNotFoundException', 'AccessDeniedException']) {
  test(`/api/ready is 503 before the load balancer gives up when DynamoDB's answer is: ${failure}`, async () => {
    await forgetReadiness();
    const restore = application.aws.fail('GetItem', failure);
    const { status, body, ms } = await timed(application.api.get('/api/ready'));
    restore();
    assert.equal(status, 503);
    assert.equal(body.detail, 'Not answering: DynamoDB.');
    assert.ok(ms < LOAD_BALANCER_TIMEOUT, `${ms} ms`);
  });
}

test('a PostgreSQL that accepts connections and says nothing: not ready before the load balancer gives up, and 503', async () => {
  const { tokens } = await application.signUp();
  const sockets = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const stuck = await startApplication(
    { DATABASE_URL: `postgresql://a:b@127.0.0.1:${silent.address().port}/c` },
    application.aws,
  );
  try {
    const { status, ms } = await timed(stuck.api.get('/api/ready'));
    assert.equal(status, 503);
    assert.ok(ms < LOAD_BALANCER_TIMEOUT, `${ms} ms`);
    await stuck.api.get('/api/users/me', { token: tokens.accessToken }).expect(503);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await stuck.close();
  }
});

test('a database outage: the process stays healthy, is not ready, answers 503, and recovers by itself', async () => {
  const { api } = await application.signUp();
  await api.get('/api/users/me').expect(200);
  await forgetReadiness();

  await postgres.stop();
  assert.equal((await timed(api.get('/api/health'))).status, 200);
  const ready = await timed(api.get('/api/ready'));
  assert.equal(ready.status, 503);
  assert.equal(ready.body.detail, 'Not answering: PostgreSQL.');
  assert.ok(ready.ms < LOAD_BALANCER_TIMEOUT, `${ready.ms} ms`);
  const { headers } = await api.get('/api/users/me').expect(503);
  assert.equal(headers['retry-after'], '5');
  await api.patch('/api/users/me', { body: { name: 'Ann' } }).expect(503);
  await api.get('/api/items').expect(200);
  await application.signUp(); // accounts do not need the database
  assert.match(application.logged(), /idle database connection lost/);

  await postgres.start();
  await eventually(async () => (await api.get('/api/ready')).status === 200, { what: 'readiness' });
  await api.get('/api/users/me').expect(200);
});

test('a connection that the database ends in the middle of a query is a 503', async () => {
  const { api } = await application.signUp();
  await api.get('/api/users/me').expect(200);
  const lock = await holdLock(application.databaseUrl, 'LOCK TABLE users');
  const inFlight = api.get('/api/users/me').expect(503).then(Boolean);
  await lock.wanted();
  await query(
    application.databaseUrl,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'prodready-infra-api'`,
  );
  await inFlight;
  await lock.release();
  await api.get('/api/users/me').expect(200);
});
