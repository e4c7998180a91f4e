import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { after, before, test } from 'node:test';
import supertest from 'supertest';
import { createAppServer } from '../src/server.js';
import { address, CODE, PASSWORD, startApplication } from './support/application.js';

let application;
let ann;
before(async () => {
  application = await startApplication();
  ann = await application.signUp();
});
after(() => application?.close());

const raw = () => supertest(application.server);
const post = (body, headers = {}) =>
  raw()
    .post('/api/items')
    .set({ Authorization: `Bearer ${ann.tokens.accessToken}`, 'Content-Type': 'application/json', ...headers })
    .send(body);

async function expectProblem(request, status) {
  const response = await request.expect(status).expect('Content-Type', 'application/problem+json; charset=utf-8');
  assert.equal(response.body.status, status);
  return response.body;
}

test('unknown addresses are problems too', async () => {
  await expectProblem(raw().get('/'), 404);
  await expectProblem(raw().get('/nothing'), 404);
  await expectProblem(raw().post('/health'), 404);
  await expectProblem(raw().get('/api/unknown'), 401);
  await expectProblem(raw().get('/api/unknown').set('Authorization', `Bearer ${ann.tokens.accessToken}`), 404);
  await expectProblem(raw().put('/api/items').set('Authorization', `Bearer ${ann.tokens.accessToken}`), 404);
});

test('a body that cannot be read is refused without being repeated', async () => {
  const problem = await expectProblem(post('{"title": "hunter2'), 400);
  assert.equal(problem.detail, 'The body is not valid JSON.');
  await expectProblem(post('"text"'), 400);
  await expectProblem(post('title=x', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415);
  await expectProblem(post('<x/>', { 'Content-Type': 'text/xml' }), 415);
  await expectProblem(post('{}', { 'Content-Encoding': 'compress' }), 415);
  await expectProblem(post('{}', { 'Content-Type': 'application/json; charset=x-unknown' }), 415);
});

test('a body may have 100 kB and not more', async () => {
  const body = (size) => JSON.stringify({ title: 'x', notes: '' }).padEnd(size, ' ');
  await post(body(100 * 1024)).expect(201);
  await expectProblem(post(body(100 * 1024 + 1)), 413);
});

test('who is not signed in gets no body parsed', async () => {
  await expectProblem(raw().post('/api/items').set('Content-Type', 'application/json').send('{'), 401);
});

test('answers are kept by nobody, framed by nobody and read by no other origin', async () => {
  const { headers } = await raw().get('/api/health').set('Origin', 'https://evil.example').expect(200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  assert.ok(headers['content-security-policy']);
  assert.ok(headers['strict-transport-security']);
  assert.equal(headers['x-powered-by'], undefined);
  assert.equal(headers['access-control-allow-origin'], undefined);
  const preflight = await raw().options('/api/items').set({ Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' });
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
});

test('a request keeps the id it came with, and the log has it', async () => {
  const id = 'Root=1-67891233-abcdef012345678912345678';
  assert.equal((await raw().get('/nothing').set('X-Amzn-Trace-Id', id)).headers['x-request-id'], id);
  assert.ok(application.logged().includes(`"requestId":"${id}"`));
  assert.equal((await raw().get('/nothing').set('X-Request-Id', 'abc-1')).headers['x-request-id'], 'abc-1');
  const uuid = /^[0-9a-f]{8}-/;
  assert.match((await raw().get('/nothing')).headers['x-request-id'], uuid);
  assert.match((await raw().get('/nothing').set('X-Request-Id', 'two words')).headers['x-request-id'], uuid);
});

test('a line of the log says who did what, and health checks are only there when debugging', async () => {
  await ann.api.get('/api/items', { query: { limit: 5 } }).expect(200);
  const lines = application.logged().trim().split('\n').map((line) => JSON.parse(line));
  const line = lines.findLast(({ path }) => path === '/api/items');
  assert.deepEqual(
    { ...line, time: 0, ms: 0, requestId: 0 },
    { level: 'info', time: 0, environment: 'staging', requestId: 0, method: 'GET', path: '/api/items', status: 200, ms: 0, user: ann.userId, msg: 'request' },
  );
  assert.ok(line.requestId);
  await raw().get('/api/health');
  assert.match(application.logged().trim().split('\n').at(-1), /"level":"debug".*"path":"\/api\/health"/);
});

test('no secret is in the log, whatever happens', async () => {
  const email = 'secrets@example.com';
  const secrets = [PASSWORD, 'another-Secret-77', 'refresh-secret', 'code-secret', 'cursor-secret'];
  const call = (path, body) => application.api.post(`/api/auth/${path}`, { from: address(), body });
  await call('register', { email, password: PASSWORD }).expect(202);
  await call('confirm', { email, code: 'code-secret' }).expect(204);
  const { accessToken, idToken, refreshToken } = (await call('login', { email, password: PASSWORD }).expect(200)).body;
  await call('login', { email, password: 'another-Secret-77' }).expect(401);
  await call('register', { email, password: ['another-Secret-77'] }).expect(400);
  await call('refresh', { refreshToken: 'refresh-secret' });
  await raw().post('/api/auth/login').set('Content-Type', 'application/json').send(`{"password": "${PASSWORD}"`).expect(400);
  await ann.api.get('/api/items', { query: { cursor: 'cursor-secret' } }).expect(400);
  await raw().get('/api/items').set('Authorization', `Bearer ${accessToken}x`).expect(401);
  for (const failure of ['ResourceNotFoundException', { status: 500, name: 'InternalErrorException' }]) {
    for (const [action, path, body] of [
      ['InitiateAuth', 'login', { email, password: PASSWORD }],
      ['InitiateAuth', 'refresh', { refreshToken }],
      ['SignUp', 'register', { email, password: PASSWORD }],
      ['ResendConfirmationCode', 'resend', { email }],
      ['ConfirmForgotPassword', 'reset', { email, code: CODE, password: PASSWORD }],
    ]) {
      const restore = application.aws.fail(action, failure);
      assert.ok((await call(path, body)).status >= 500);
      restore();
    }
  }
  const restore = application.aws.fail('GetUser', 'ResourceNotFoundException');
  await application.api.get('/api/users/me', { token: accessToken }).expect(500);
  restore();

  const log = application.logged();
  assert.match(log, /"level":"error"/);
  for (const secret of [...secrets, accessToken, idToken, refreshToken]) assert.ok(!log.includes(secret), `${secret} was logged`);
  assert.doesNotMatch(log, /authorization|bearer/i);
});

test('the OpenAPI document is valid', async () => {
  const { body } = await raw().get('/api/openapi.json').expect(200);
  const { valid, errors } = await new Validator().validate(structuredClone(body));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(body.openapi, '3.1.0');
  const ids = Object.values(body.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
});

test('the OpenAPI document has exactly the routes there are', async () => {
  const { body } = await raw().get('/api/openapi.json').expect(200);
  const documented = Object.entries(body.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  assert.deepEqual(documented.sort(), [
    'delete /api/items/{id}',
    'get /api/health',
    'get /api/items',
    'get /api/items/{id}',
    'get /api/openapi.json',
    'get /api/ready',
    'get /api/users',
    'get /api/users/me',
    'get /health',
    'patch /api/items/{id}',
    'patch /api/users/me',
    'post /api/auth/confirm',
    'post /api/auth/forgot',
    'post /api/auth/login',
    'post /api/auth/logout',
    'post /api/auth/refresh',
    'post /api/auth/register',
    'post /api/auth/resend',
    'post /api/auth/reset',
    'post /api/items',
    'put /api/items/{id}',
  ]);
  for (const route of documented) {
    const [method, path] = route.split(' ');
    const { status, body: answer } = await ann.api[method](path.replace('{id}', '3f1c5a0e-8a52-4f5e-9d3c-0c9e3c8a7b11'), { from: address() });
    // A route that is not there answers like an unknown address; an unknown item has its own 404.
    assert.ok(status !== 404 || path.includes('{id}'), `${route}: ${JSON.stringify(answer)}`);
  }
});

test('idle connections are kept longer than the load balancer keeps them', () => {
  const server = createAppServer(() => {});
  assert.ok(server.keepAliveTimeout > 60_000);
  assert.ok(server.headersTimeout > server.keepAliveTimeout);
  assert.ok(server.requestTimeout >= server.headersTimeout);
});
