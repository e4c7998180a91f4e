import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { migrate, MigrationError } from '../migrate.js';
import { connectionSettings } from '../src/database-url.js';
import { createDatabaseUrl, query } from './support/application.js';
import { applicationUrl } from './support/postgres.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const log = pino({ level: 'silent' });
const DENIED = { code: '42501' };

let superuser;
let master;
let application;
before(async () => {
  superuser = await createDatabaseUrl();
  master = await masterOf(superuser);
  application = applicationUrl(master);
  await up();
});

/** RDS's master user is no superuser: it may make databases and roles, and owns the database that RDS made. */
async function masterOf(url) {
  const name = `master_${randomBytes(6).toString('hex')}`;
  await query(url, `CREATE ROLE ${name} LOGIN CREATEDB CREATEROLE PASSWORD 'master'`);
  await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${name}`);
  // The role belongs to the whole server, and another test's superuser may have made it.
  await query(url, `DO $$ BEGIN CREATE ROLE application NOLOGIN; EXCEPTION WHEN OTHERS THEN NULL; END $$`);
  await query(url, `GRANT application TO ${name} WITH ADMIN OPTION`);
  const own = new URL(url);
  [own.username, own.password] = [name, 'master'];
  return own.href;
}

const up = (url = application, options = {}) =>
  migrate(connectionSettings(master), { login: connectionSettings(url), log, patience: 5_000, ...options });

test('the application reads and writes its tables', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  await query(application, `INSERT INTO users (id, email, updated_at) VALUES ('${id}', 'a@example.com', now())`);
  await query(application, `UPDATE users SET name = 'Ann' WHERE id = '${id}'`);
  assert.deepEqual(await query(application, 'SELECT name FROM users'), [{ name: 'Ann' }]);
  await query(application, 'DELETE FROM users');
});

for (const statement of [
  'CREATE TABLE t (id int)',
  'CREATE TEMPORARY TABLE t (id int)',
  'CREATE SCHEMA s',
  'CREATE ROLE somebody',
  'CREATE DATABASE d',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  'DROP TABLE users',
  'ALTER TABLE users ADD COLUMN c int',
  'CREATE INDEX ON users (name)',
  'TRUNCATE users',
  'GRANT SELECT ON users TO PUBLIC',
  'SET ROLE tester',
  'SELECT * FROM _prisma_migrations',
  'DELETE FROM _prisma_migrations',
  'SELECT rolpassword FROM pg_authid',
]) {
  test(`the application may not: ${statement}`, async () => {
    // GRANT without a right to grant is a warning in some cases: what counts is that nobody else may read.
    if (statement.startsWith('GRANT')) {
      await query(application, statement).catch(() => {});
      const [{ public: granted }] = await query(master, `SELECT has_table_privilege('public', 'users', 'SELECT') AS public`);
      assert.equal(granted, false);
    } else {
      await assert.rejects(query(application, statement), (error) => ['42501', '42P01'].includes(error.code) && /permission denied|must be owner/.test(error.message));
    }
  });
}

test("the application may not read another database's tables", async () => {
  const other = await createDatabaseUrl();
  await query(other, 'CREATE TABLE secrets (id int)');
  const url = new URL(application);
  url.pathname = new URL(other).pathname;
  await assert.rejects(query(url.href, 'SELECT * FROM secrets'), DENIED);
});

test('the application uses what a later migration makes, and its sequence, and cannot change it', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'api-migrations-'));
  mkdirSync(path.join(directory, '2_later'));
  writeFileSync(path.join(directory, '2_later/migration.sql'), 'CREATE TABLE later (id serial PRIMARY KEY, name text)');
  try {
    assert.deepEqual(await up(application, { directory }), ['2_later']);
  } finally {
    rmSync(directory, { recursive: true });
  }
  await query(application, `INSERT INTO later (name) VALUES ('a')`);
  assert.deepEqual(await query(application, 'SELECT id FROM later'), [{ id: 1 }]);
  await assert.rejects(query(application, 'DROP TABLE later'), DENIED);
});

test('what a migration takes from the role stays taken', async () => {
  await query(master, 'REVOKE DELETE ON users FROM application');
  await up();
  await assert.rejects(query(application, 'DELETE FROM users'), DENIED);
  await query(master, 'GRANT DELETE ON users TO application');
});

test('a rotation makes the other login and leaves the one that the old tasks have', async () => {
  const next = applicationUrl(master);
  await up(next);
  assert.deepEqual(await query(next, 'SELECT count(*)::int AS n FROM users'), [{ n: 0 }]);
  assert.deepEqual(await query(application, 'SELECT count(*)::int AS n FROM users'), [{ n: 0 }]);
});

test('a login that is there takes the password it is given', async () => {
  const next = new URL(applicationUrl(master));
  await up(next.href);
  const before = next.href;
  next.password = 'another';
  await up(next.href);
  await query(next.href, 'SELECT 1');
  await assert.rejects(query(before, 'SELECT 1'), { code: '28P01' });
});

test('the server is told no password, only what it keeps of one', async () => {
  const url = new URL(applicationUrl(master));
  const statements = [];
  const { Client } = (await import('pg')).default;
  const send = Client.prototype.query;
  Client.prototype.query = function (...args) {
    statements.push(JSON.stringify(args));
    return send.apply(this, args);
  };
  try {
    await up(url.href);
  } finally {
    Client.prototype.query = send;
  }
  assert.ok(statements.some((each) => each.includes(`ROLE \\"${url.username}\\" LOGIN PASSWORD`)), statements.join('\n'));
  assert.ok(!statements.some((each) => each.includes(connectionSettings(url.href).password)));
  const [{ rolpassword }] = await query(superuser, `SELECT rolpassword FROM pg_authid WHERE rolname = '${url.username}'`);
  assert.match(rolpassword, /^SCRAM-SHA-256\$4096:/);
});

test("the master user's own login is refused for the application", async () => {
  await assert.rejects(up(master), (error) => error instanceof MigrationError && /master user/.test(error.message));
});

test('a migration that cannot make the login ends with 2 and one message without a password', () => {
  const { status, stderr } = spawnSync(process.execPath, ['migrate.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, MIGRATION_DATABASE_URL: master, DATABASE_URL: master, LOG_LEVEL: 'silent' },
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.match(stderr, /a login of its own/);
});

test('the migration names every variable that is wrong', () => {
  const { status, stderr } = spawnSync(process.execPath, ['migrate.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: 'postgresql://u:hunter2@h/' },
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /environment of the migration/);
  assert.deepEqual(stderr.trim().split('\n').slice(1).map((line) => line.trim().split(':')[0]).sort(), ['DATABASE_URL', 'MIGRATION_DATABASE_URL']);
  assert.doesNotMatch(stderr, /hunter2|\bat /);
});
