import assert from 'node:assert/strict';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startApplication } from './support/application.js';

let application;
let ann;
before(async () => {
  application = await startApplication();
  ann = await application.signUp();
});
after(() => application?.close());

const add = async ({ api }, body = { title: 'Milk' }) => (await api.post('/api/items', { body }).expect(201)).body;
const get = ({ api }, id) => api.get(`/api/items/${id}`);
const inAnHour = () => new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000).toISOString();
const anHourAgo = () => Math.floor(Date.now() / 1000) - 3600;

/** Writes past the API: `expiration_time` in the past, or a chosen time of creation. */
async function put(owner, attributes) {
  const createdAt = attributes.createdAt ?? new Date().toISOString();
  const Item = { id: randomUUID(), owner: owner.userId, title: 'Put', notes: '', done: false, version: 1, createdAt, updatedAt: createdAt, ...attributes };
  await application.aws.documents.send(new PutCommand({ TableName: application.aws.table, Item }));
  return Item;
}

async function allPages({ api }, limit) {
  const pages = [];
  let cursor;
  do {
    const { items, nextCursor } = (await api.get('/api/items', { query: { limit, ...(cursor && { cursor }) } }).expect(200)).body;
    pages.push(items);
    cursor = nextCursor;
  } while (cursor);
  return pages;
}

test('an item is added, read, changed and deleted', async () => {
  const expiresAt = inAnHour();
  const { body: item, headers } = await ann.api
    .post('/api/items', { body: { title: ' Milk ', notes: 'two', expiresAt } })
    .expect(201);
  assert.equal(headers.location, `/api/items/${item.id}`);
  const { id, createdAt, updatedAt, ...rest } = item;
  assert.equal(createdAt, updatedAt);
  assert.deepEqual(rest, { title: 'Milk', notes: 'two', done: false, version: 1, expirationTime: expiresAt });
  assert.deepEqual((await ann.api.get(headers.location).expect(200)).body, item);

  const changed = (await ann.api.patch(`/api/items/${id}`, { body: { done: true, version: 1 } }).expect(200)).body;
  assert.deepEqual(changed, { ...item, done: true, version: 2, updatedAt: changed.updatedAt });
  const replaced = (
    await ann.api
      .put(`/api/items/${id}`, { body: { title: 'Bread', notes: '', done: false, expiresAt: null, version: 2 } })
      .expect(200)
  ).body;
  assert.deepEqual(replaced, { ...item, title: 'Bread', notes: '', version: 3, expirationTime: null, updatedAt: replaced.updatedAt });
  assert.deepEqual((await get(ann, id).expect(200)).body, replaced);

  await ann.api.delete(`/api/items/${id}`).expect(204);
  await get(ann, id).expect(404);
  await ann.api.delete(`/api/items/${id}`).expect(404);
});

test('an expiry can be set later, as a day or with an offset', async () => {
  const { id } = await add(ann);
  const year = new Date().getUTCFullYear() + 1;
  const change = async (expiresAt, version) =>
    (await ann.api.patch(`/api/items/${id}`, { body: { expiresAt, version } }).expect(200)).body.expirationTime;
  assert.equal(await change(`${year}-03-01`, 1), `${year}-03-01T00:00:00.000Z`);
  assert.equal(await change(`${year}-03-01T12:30:00+02:00`, 2), `${year}-03-01T10:30:00.000Z`);
});

test('of two changes from the same version one wins and the other is a 409', async () => {
  const { id } = await add(ann);
  const titles = ['One', 'Two', 'Three', 'Four'];
  const answers = await Promise.all(titles.map((title) => ann.api.patch(`/api/items/${id}`, { body: { title, version: 1 } })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const winner = answers.find(({ status }) => status === 200).body;
  assert.deepEqual((await get(ann, id)).body, winner);
  assert.equal(winner.version, 2);
  await ann.api.put(`/api/items/${id}`, { body: { title: 'Late', version: 1 } }).expect(409);
  await ann.api.put(`/api/items/${id}`, { body: { title: 'Early', version: 3 } }).expect(409);
});

test('deleting can be bound to a version', async () => {
  const { id } = await add(ann);
  await ann.api.patch(`/api/items/${id}`, { body: { done: true, version: 1 } }).expect(200);
  await ann.api.delete(`/api/items/${id}`, { query: { version: 1 } }).expect(409);
  await get(ann, id).expect(200);
  await ann.api.delete(`/api/items/${id}`, { query: { version: 2 } }).expect(204);
});

test("others' items do not exist", async () => {
  const bob = await application.signUp({ admin: true });
  const item = await add(ann);
  const path = `/api/items/${item.id}`;
  const missing = (await bob.api.get(`/api/items/${randomUUID()}`).expect(404)).body;
  for (const request of [
    bob.api.get(path),
    bob.api.patch(path, { body: { title: 'Mine', version: 1 } }),
    bob.api.put(path, { body: { title: 'Mine', version: 2 } }),
    bob.api.delete(path),
    bob.api.delete(path, { query: { version: 7 } }),
  ]) {
    assert.deepEqual((await request.expect(404)).body, missing);
  }
  assert.deepEqual((await get(ann, item.id).expect(200)).body, item);
  assert.deepEqual((await bob.api.get('/api/items').expect(200)).body, { items: [], nextCursor: null });
});

test('an id of any other form is not found either', async () => {
  for (const id of ['1', 'x'.repeat(3000), '%00', '..%2f..', `${randomUUID()}x`]) {
    await ann.api.get(`/api/items/${id}`).expect(404);
    await ann.api.delete(`/api/items/${id}`).expect(404);
  }
  await ann.api.get('/api/items/%zz').expect(400);
});

test('an expired item is gone for every request, before DynamoDB deletes it', async () => {
  const cleo = await application.signUp();
  const { id } = await put(cleo, { expiration_time: anHourAgo() });
  const alive = await add(cleo, { title: 'Alive', expiresAt: inAnHour() });
  await get(cleo, id).expect(404);
  await cleo.api.patch(`/api/items/${id}`, { body: { title: 'Again', version: 1 } }).expect(404);
  await cleo.api.delete(`/api/items/${id}`).expect(404);
  assert.deepEqual(await allPages(cleo, 20), [[alive]]);
});

test('items are paged, newest first, each exactly once', async () => {
  const dora = await application.signUp();
  const day = (n) => `2026-01-0${n}T00:00:00.000Z`;
  // Two of the same moment, which a page may end between.
  for (const n of [1, 2, 3, 3, 4, 5, 6]) await put(dora, { createdAt: day(n), title: String(n) });
  for (const limit of [1, 2, 3, 4, 6, 7, 100]) {
    const pages = await allPages(dora, limit);
    assert.equal(pages.length, Math.ceil(7 / limit), `limit ${limit}`);
    assert.deepEqual(pages.flat().map(({ title }) => title), ['6', '5', '4', '3', '3', '2', '1']);
    assert.equal(new Set(pages.flat().map(({ id }) => id)).size, 7);
  }
});

test('a page is full although expired items lie between', async () => {
  const emil = await application.signUp();
  for (let n = 0; n < 24; n += 1) {
    const isAlive = n % 4 === 0;
    await put(emil, {
      createdAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
      title: String(n),
      ...(!isAlive && { expiration_time: anHourAgo() }),
    });
  }
  const pages = await allPages(emil, 4);
  assert.deepEqual(pages.map((page) => page.map(({ title }) => title)), [['20', '16', '12', '8'], ['4', '0']]);
});

test('a long run of expired items is read in bounded pieces', async () => {
  const finn = await application.signUp();
  for (let n = 0; n < 30; n += 1) await put(finn, { expiration_time: anHourAgo() });
  const oldest = await put(finn, { createdAt: '2020-01-01T00:00:00.000Z' });
  application.aws.calls.length = 0;
  const { items, nextCursor } = (await finn.api.get('/api/items', { query: { limit: 1 } }).expect(200)).body;
  assert.deepEqual(items, []);
  assert.ok(nextCursor);
  assert.equal(application.aws.calls.filter(({ action }) => action === 'Query').length, 10);
  assert.deepEqual((await allPages(finn, 1)).flat().map(({ id }) => id), [oldest.id]);
});

test('a forged cursor moves only through the own items', async () => {
  const [gina, hugo] = [await application.signUp(), await application.signUp()];
  const secret = await put(gina, { createdAt: '2026-02-02T00:00:00.000Z', title: 'Secret' });
  await put(gina, { createdAt: '2026-02-01T00:00:00.000Z', title: 'Older secret' });
  const own = await put(hugo, { createdAt: '2026-01-01T00:00:00.000Z', title: 'Own' });
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const list = (cursor) => hugo.api.get('/api/items', { query: { cursor } });

  const fromGinas = (await gina.api.get('/api/items', { query: { limit: 1 } })).body.nextCursor;
  for (const cursor of [fromGinas, encode({ createdAt: '2026-02-03T00:00:00.000Z', id: secret.id })]) {
    const { items } = (await list(cursor).expect(200)).body;
    assert.deepEqual(items.map(({ id }) => id), [own.id]);
  }
  for (const cursor of [
    encode({ createdAt: secret.createdAt, id: secret.id, owner: gina.userId }),
    encode({ createdAt: secret.createdAt, id: { S: secret.id } }),
    encode({ id: secret.id }),
    encode([]),
    'x'.repeat(501),
    '',
  ]) {
    assert.equal((await list(cursor).expect(400)).body.errors[0].path, 'cursor');
  }
});

test('what cannot be kept is refused and named', async () => {
  const { id } = await add(ann);
  const post = (body) => ann.api.post('/api/items', { body });
  const patch = (body) => ann.api.patch(`/api/items/${id}`, { body });
  for (const [request, path] of [
    [post({}), 'title'],
    [post({ title: ' ' }), 'title'],
    [post({ title: 'x'.repeat(201) }), 'title'],
    [post({ title: 'a\0b' }), 'title'],
    [post({ title: 'x', notes: 'x'.repeat(10_001) }), 'notes'],
    [post({ title: 'x', notes: 'half \ud83d' }), 'notes'],
    [post({ title: 'x', notes: null }), 'notes'],
    [post({ title: 'x', done: true }), 'done'],
    [post({ title: 'x', owner: ann.userId }), 'owner'],
    [post({ title: 'x', expiresAt: 'tomorrow' }), 'expiresAt'],
    [post({ title: 'x', expiresAt: '2020-01-01' }), 'expiresAt'],
    [post({ title: 'x', expiresAt: '2999-02-30' }), 'expiresAt'],
    [post({ title: 'x', expiresAt: 4102444800 }), 'expiresAt'],
    [post([{ title: 'x' }]), ''],
    [patch({ title: 'x' }), 'version'],
    [patch({ title: 'x', version: 0 }), 'version'],
    [patch({ title: 'x', version: '1' }), 'version'],
    [patch({ title: 'x', version: 1.5 }), 'version'],
    [patch({ version: 1 }), ''],
    [patch({ done: 'yes', version: 1 }), 'done'],
    [patch({ id: 'x', version: 1, title: 'x' }), 'id'],
    [ann.api.delete(`/api/items/${id}`, { query: { version: '0' } }), 'version'],
    [ann.api.delete(`/api/items/${id}`, { query: { version: 'x' } }), 'version'],
    [ann.api.get('/api/items', { query: { limit: '0' } }), 'limit'],
    [ann.api.get('/api/items', { query: { owner: 'x' } }), 'owner'],
  ]) {
    const { status, body } = await request;
    assert.equal(status, 400, path);
    assert.ok(body.errors.some((error) => error.path === path), `${path}: ${JSON.stringify(body)}`);
  }
});

test('the largest item there may be can be kept', async () => {
  const body = { title: '🚀'.repeat(100), notes: '漢'.repeat(10_000) };
  const { id } = await add(ann, body);
  const item = (await get(ann, id).expect(200)).body;
  assert.deepEqual([item.title, item.notes], [body.title, body.notes]);
});

test('a DynamoDB that throttles, fails or does not answer is a 503; a refused permission is a 500', async () => {
  for (const [failure, status] of [
    ['ProvisionedThroughputExceededException', 503],
    ['ThrottlingException', 503],
    [{ status: 500, name: 'InternalServerError' }, 503],
    ['AccessDeniedException', 500],
  ]) {
    const restore = application.aws.fail('Query', failure);
    await ann.api.get('/api/items').expect(status);
    restore();
  }
});
