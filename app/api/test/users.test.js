import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holdLock, query, startApplication } from './support/application.js';

let application;
before(async () => {
  application = await startApplication();
});
after(() => application?.close());

const profileCalls = () => application.aws.calls.filter(({ action }) => action === 'GetUser').length;

test('the profile is made on the first request, from what Cognito knows', async () => {
  const { email, userId, api } = await application.signUp({ name: 'Ann' });
  const before = profileCalls();
  const { body } = await api.get('/api/users/me').expect(200);
  assert.deepEqual({ ...body, createdAt: 0, updatedAt: 0 }, { id: userId, email, name: 'Ann', createdAt: 0, updatedAt: 0 });
  assert.deepEqual((await api.get('/api/users/me').expect(200)).body, body);
  assert.equal(profileCalls(), before + 1);
});

test('a person without a name has none', async () => {
  const { api } = await application.signUp();
  assert.equal((await api.get('/api/users/me').expect(200)).body.name, null);
});

test('first requests at the same time make one profile', async () => {
  const { api, userId } = await application.signUp();
  const lock = await holdLock(application.databaseUrl, 'LOCK TABLE users IN SHARE MODE'); // reads pass, writes wait
  const requests = Array.from({ length: 8 }, () => api.get('/api/users/me').expect(200).then((answer) => answer));
  await lock.wanted(8);
  await lock.release();
  const answers = await Promise.all(requests);
  for (const { body } of answers) assert.deepEqual(body, answers[0].body);
  const rows = await query(application.databaseUrl, `SELECT id FROM users WHERE id = '${userId}'`);
  assert.equal(rows.length, 1);
});

test('the name can be changed, also as the very first request', async () => {
  const { api, email } = await application.signUp({ name: 'Ann' });
  const { body } = await api.patch('/api/users/me', { body: { name: '  Zoë 🚀 ' } }).expect(200);
  assert.deepEqual([body.email, body.name], [email, 'Zoë 🚀']);
  assert.ok(body.updatedAt >= body.createdAt);
  assert.deepEqual((await api.get('/api/users/me').expect(200)).body, body);
});

test('a name that cannot be kept is refused', async () => {
  const { api } = await application.signUp();
  for (const name of ['', '   ', 'x'.repeat(101), 7, null, 'a\0b', 'half \ud83d', undefined]) {
    const { body } = await api.patch('/api/users/me', { body: { name } }).expect(400);
    assert.equal(body.errors[0].path, 'name');
  }
  const { body } = await api.patch('/api/users/me', { body: { name: 'Ann', email: 'other@example.com' } }).expect(400);
  assert.deepEqual(body.errors, [{ path: 'email', message: 'Unknown field' }]);
});

test('a token that Cognito no longer honours makes no profile', async () => {
  const { email, api } = await application.signUp();
  await application.aws.disable(email);
  await api.get('/api/users/me').expect(401);
});

test('everybody else is refused the list of profiles', async () => {
  const { api } = await application.signUp();
  const { body } = await api.get('/api/users').expect(403);
  assert.equal(body.title, 'Forbidden');
});

test('administrators page through all profiles, oldest first', async () => {
  await query(
    application.databaseUrl,
    // Pairs of equal times, which a page may end between.
    `INSERT INTO users (id, email, created_at)
     SELECT gen_random_uuid(), n || '@example.com', timestamptz '2020-01-01' + n / 2 * interval '1 day' FROM generate_series(0, 8) n`,
  );
  const { api } = await application.signUp({ admin: true });
  const all = (await api.get('/api/users', { query: { limit: 100 } }).expect(200)).body;
  assert.equal(all.nextCursor, null);
  assert.ok(all.users.length >= 9);
  assert.deepEqual(all.users.map(({ createdAt }) => createdAt), all.users.map(({ createdAt }) => createdAt).sort());

  const paged = [];
  let cursor;
  do {
    const { users, nextCursor } = (await api.get('/api/users', { query: { limit: 3, ...(cursor && { cursor }) } }).expect(200)).body;
    assert.ok(users.length === 3 || nextCursor === null);
    paged.push(...users);
    cursor = nextCursor;
  } while (cursor);
  assert.deepEqual(paged, all.users);

  const exact = (await api.get('/api/users', { query: { limit: all.users.length } }).expect(200)).body;
  assert.equal(exact.nextCursor, null);
});

test('a wrong page is refused', async () => {
  const { api } = await application.signUp({ admin: true });
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const id = '3f1c5a0e-8a52-4f5e-9d3c-0c9e3c8a7b11';
  for (const [name, value] of [
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1.5'],
    ['limit', ['1', '2']],
    ['cursor', ''],
    ['cursor', 'nonsense'],
    ['cursor', encode(null)],
    ['cursor', encode({ createdAt: '2020-01-01T00:00:00Z' })],
    ['cursor', encode({ createdAt: '0000-01-01T00:00:00Z', id })],
    ['cursor', encode({ createdAt: { gt: '2020-01-01T00:00:00Z' }, id })],
    ['cursor', encode({ createdAt: '2020-01-01T00:00:00Z', id: "' OR 1=1" })],
    ['page', '2'],
  ]) {
    const { body } = await api.get('/api/users', { query: { [name]: value } }).expect(400);
    assert.equal(body.errors[0].path, name);
  }
  await api.get('/api/users', { query: { cursor: encode({ createdAt: '9999-12-31T23:59:59Z', id }) } }).expect(200);
});
