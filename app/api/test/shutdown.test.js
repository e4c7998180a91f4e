import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODE, createEnvironment, holdLock, PASSWORD } from './support/application.js';
import { ended, endWithUs, eventually, freePort } from './support/processes.js';
import { drain } from '../src/server.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let aws;
let environment;
let masterUrl;
before(async () => {
  ({ aws, environment, masterUrl } = await createEnvironment());
});
after(() => aws?.close());

async function startApi(command, args, changes = {}) {
  const port = await freePort();
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...environment, PORT: String(port), ...changes },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that nothing of it can be left behind
  });
  endWithUs({ kill: () => tryKill(-child.pid) });
  const api = { child, url: `http://127.0.0.1:${port}`, port, output: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (api.output += chunk));
  return api;
}

function tryKill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

const healthy = ({ url }) => eventually(async () => (await fetch(`${url}/api/health`)).ok, { what: 'the API answering' });

test('npm run prod: SIGTERM lets the request in flight complete, refuses new ones, and exits 0', async () => {
  const api = await startApi('npm', ['run', 'prod']);
  await healthy(api);
  const post = (path, body) =>
    fetch(api.url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const email = 'in-flight@example.com';
  await post('/api/auth/register', { email, password: PASSWORD });
  await post('/api/auth/confirm', { email, code: CODE });
  const { accessToken } = await (await post('/api/auth/login', { email, password: PASSWORD })).json();

  // Like the load balancer, which keeps its connections.
  const agent = new Agent({ keepAlive: true });
  const me = () =>
    new Promise((resolve, reject) => {
      request(`${api.url}/api/users/me`, { agent, headers: { Authorization: `Bearer ${accessToken}` } }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body) }));
      })
        .on('error', reject)
        .end();
    });
  assert.equal((await me()).status, 200);

  const lock = await holdLock(masterUrl, 'LOCK TABLE users');
  let answered = false;
  const inFlight = me().finally(() => (answered = true));
  await lock.wanted();

  api.child.kill('SIGTERM'); // only npm, as in a container
  await eventually(() => api.output.includes('"draining"'), { what: 'draining' });
  await assert.rejects(
    new Promise((resolve, reject) => connect(api.port, '127.0.0.1', resolve).on('error', reject)),
    { code: 'ECONNREFUSED' },
  );
  await pause(500);
  assert.equal(answered, false, 'the request is still in flight');
  assert.equal(api.child.exitCode, null);

  const releasedAt = Date.now();
  await lock.release();
  const { status, body } = await inFlight;
  assert.equal(status, 200);
  assert.equal(body.email, email);
  assert.deepEqual(await ended(api.child), { code: 0, signal: null });
  // It would be kept for 65 s.
  assert.ok(Date.now() - releasedAt < 40_000, 'an idle kept-alive connection does not hold it up');
  assert.match(api.output, /"stopped"/);
  agent.destroy();
});

test('the prod script makes node the direct child, so that no shell stands in the way of the signal', () => {
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  assert.equal(scripts.prod, 'exec node index.js');
});

test('the API listens on 8080 on every interface unless told otherwise', async () => {
  const api = await startApi(process.execPath, [
    '--input-type=module',
    '--eval',
    // What index.js would listen on, without taking the port on this machine.
    `import { Server } from 'node:http';
     Server.prototype.listen = (port, host) => { console.log(JSON.stringify({ port, host })); process.exit(); };
     delete process.env.PORT;
     await import('./index.js');`,
  ]);
  await ended(api.child);
  assert.match(api.output, /\{"port":8080,"host":"0\.0\.0\.0"\}/);
});

test('SIGTERM ends a migration that waits for the database at once, and not with 0', async () => {
  const port = await freePort();
  const MIGRATION_DATABASE_URL = `postgresql://a:b@127.0.0.1:${port}/c`;
  const migration = await startApi(process.execPath, ['migrate.js'], { MIGRATION_DATABASE_URL });
  await eventually(() => migration.output.includes('waiting for the database'), { what: 'waiting' });
  migration.child.kill('SIGTERM');
  assert.deepEqual(await ended(migration.child), { code: 143, signal: null });
});

test('a port that is taken is one clear message and 1', async () => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen(0, '0.0.0.0', resolve));
  const api = await startApi(process.execPath, ['index.js'], { PORT: String(taken.address().port) });
  assert.deepEqual(await ended(api.child), { code: 1, signal: null });
  assert.match(api.output, /EADDRINUSE/);
  assert.doesNotMatch(api.output, /\n\s+at /);
  taken.close();
});

test('a request that never ends is cut off when the time is up', async () => {
  const server = createServer(() => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stuck = fetch(`http://127.0.0.1:${server.address().port}`).catch((error) => error);
  await pause(100);
  const startedAt = Date.now();
  assert.equal(await drain(server, { limit: 300 }), false);
  assert.ok(Date.now() - startedAt < 30_000);
  assert.ok((await stuck) instanceof Error);
});
