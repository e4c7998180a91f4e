import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { migrate, MigrationError } from '../migrate.js';
import { connectionSettings } from '../src/database-url.js';
import { createDatabaseUrl, holdLock, query, sha256 } from './support/application.js';
import { applicationUrl } from './support/postgres.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const shipped = path.join(folder, 'prisma/migrations');
const log = pino({ level: 'silent' });

let url;
let directory;
beforeEach(async () => {
  url = await createDatabaseUrl();
  directory = mkdtempSync(path.join(tmpdir(), 'api-migrations-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name, sql) {
  mkdirSync(path.join(directory, name), { recursive: true });
  writeFileSync(path.join(directory, name, 'migration.sql'), sql);
}

const run = (from = directory) => migrate(connectionSettings(url), { directory: from, log, patience: 5_000 });

/** `node migrate.js` in a process of its own. */
const inProcess = (from) =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      MIGRATION_DATABASE_URL: url,
      DATABASE_URL: applicationUrl(url),
    };
    execFile(process.execPath, [path.join(folder, 'migrate.js'), from], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });

test('the history is as Prisma keeps it', async () => {
  const names = ['20250101000000_init', '20250201000000_application_role'];
  assert.deepEqual(await run(shipped), names);
  const [row, ...others] = await query(url, 'SELECT * FROM _prisma_migrations ORDER BY migration_name');
  assert.deepEqual(others.map(({ migration_name: other }) => other), names.slice(1));
  const [name] = names;
  assert.equal(row.migration_name, name);
  assert.equal(row.checksum, sha256(readFileSync(path.join(shipped, name, 'migration.sql'))));
  assert.match(row.id, /^[0-9a-f-]{36}$/);
  assert.equal(row.applied_steps_count, 1);
  assert.equal(row.rolled_back_at, null);
  assert.equal(row.logs, null);
  assert.ok(row.finished_at >= row.started_at);
});

test('a second run changes nothing', async () => {
  await run(shipped);
  const before = await query(url, 'SELECT * FROM _prisma_migrations');
  assert.deepEqual(await run(shipped), []);
  assert.deepEqual(await query(url, 'SELECT * FROM _prisma_migrations'), before);
});

test('four processes at once apply each migration once', async () => {
  write('0_role', readFileSync(path.join(shipped, '20250201000000_application_role/migration.sql'), 'utf8'));
  write('1_slow', 'CREATE TABLE first (id int); SELECT pg_sleep(0.5);');
  write('2_next', 'CREATE TABLE second (id int); INSERT INTO second VALUES (1);');
  const results = await Promise.all(Array.from({ length: 4 }, () => inProcess(directory)));
  assert.deepEqual(results.map(({ code, stderr }) => `${code}${stderr}`), ['0', '0', '0', '0']);
  const rows = await query(url, 'SELECT migration_name AS name FROM _prisma_migrations ORDER BY started_at');
  assert.deepEqual(rows.map(({ name }) => name), ['0_role', '1_slow', '2_next']);
  assert.deepEqual(await query(url, 'SELECT count(*)::int AS n FROM second'), [{ n: 1 }]);
});

test("Prisma's own lock is respected", async () => {
  write('1_a', 'CREATE TABLE a (id int)');
  const lock = await holdLock(url, 'SELECT pg_advisory_lock(72707369)');
  const running = run();
  await lock.wanted();
  assert.deepEqual(await query(url, `SELECT to_regclass('a') AS a`), [{ a: null }]);
  await lock.release();
  assert.deepEqual(await running, ['1_a']);
});

test('a migration that fails leaves nothing behind, and works once corrected', async () => {
  write('1_good', 'CREATE TABLE good (id int)');
  write('2_bad', 'CREATE TABLE half (id int); SELECT 1 / 0;');
  await assert.rejects(run(), (error) => error instanceof MigrationError && /2_bad.*division by zero/.test(error.message));
  assert.deepEqual(await query(url, `SELECT to_regclass('half') AS half, to_regclass('good')::text AS good`), [
    { half: null, good: 'good' },
  ]);
  write('2_bad', 'CREATE TABLE half (id int)');
  assert.deepEqual(await run(), ['2_bad']);
});

test('a migration and its record are one: neither is there without the other', async () => {
  write('1_a', `CREATE TABLE half (id int); ALTER TABLE _prisma_migrations ADD CHECK (migration_name <> '1_a')`);
  await assert.rejects(run(), /1_a failed and was undone/);
  assert.deepEqual(await query(url, `SELECT to_regclass('half') AS half`), [{ half: null }]);
});

test('a migration that was edited after it was applied stops the start', async () => {
  write('1_a', 'CREATE TABLE a (id int)');
  await run();
  write('1_a', 'CREATE TABLE a (id bigint)');
  await assert.rejects(run(), /1_a was edited after it was applied/);
  assert.deepEqual((await inProcess(directory)).code, 2);
});

test('a migration that Prisma left half done stops the start', async () => {
  write('1_a', 'CREATE TABLE a (id int)');
  await run();
  await query(url, 'UPDATE _prisma_migrations SET finished_at = NULL');
  await assert.rejects(run(), /1_a was started by Prisma and failed/);
  await query(url, 'UPDATE _prisma_migrations SET rolled_back_at = now(); DROP TABLE a');
  assert.deepEqual(await run(), ['1_a']);
});

test('an older version of the code starts on the database of a newer one', async () => {
  write('1_a', 'CREATE TABLE a (id int)');
  write('2_b', 'CREATE TABLE b (id int)');
  await run();
  rmSync(path.join(directory, '2_b'), { recursive: true });
  assert.deepEqual(await run(), []);
});

test('a wrong password is said at once, without waiting', async () => {
  const startedAt = Date.now();
  await assert.rejects(migrate({ ...connectionSettings(url), password: 'wrong' }, { log, patience: 60_000 }), { code: '28P01' });
  assert.ok(Date.now() - startedAt < 30_000);
});
