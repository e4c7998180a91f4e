/**
 * Applies prisma/migrations without Prisma's engine, so that an image needs no download to start.
 * It takes the same advisory lock and keeps the same table and checksums as `prisma migrate
 * deploy`, so either may be used on the same database, at the same time.
 *
 * Each migration runs in one transaction with its record: a statement that refuses transactions,
 * such as CREATE INDEX CONCURRENTLY, cannot be used.
 *
 * Then it makes or renews the application's login. It works as the database's master user; the API itself never has
 * that user's password.
 *
 * `node migrate.js [directory]`: what every task runs, and ends well, before the API starts.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { makeLogin } from './src/application-login.js';
import { ConfigError, readMigrationConfig } from './src/config.js';
import { createLogger } from './src/log.js';

const PRISMA_LOCK = 72707369;
const MIGRATIONS = fileURLToPath(new URL('./prisma/migrations', import.meta.url));

// The definition is Prisma's.
const HISTORY_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/** Something a person must settle before any task can start. */
export class MigrationError extends Error {}

/**
 * Brings the database to this version of the code. Returns the names of what it applied.
 * Waits `patience` milliseconds for a database that does not answer yet, and as long for the lock.
 * `connection` is the master user's; `login` the application's {user, password}, left out where it has none.
 */
export async function migrate(connection, { login, directory = MIGRATIONS, patience = 60_000, log }) {
  const migrations = await readMigrations(directory);
  const client = await connect(connection, patience, log);
  try {
    await client.query(`SET lock_timeout = ${patience}`);
    // The lock belongs to the connection: it is released even if this process is killed.
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    await client.query(HISTORY_TABLE);
    const pending = without(await history(client), migrations);
    for (const migration of pending) {
      await apply(client, migration);
      log.info({ migration: migration.name }, 'migration applied');
    }
    if (login) await letIn(client, login);
    return pending.map(({ name }) => name);
  } finally {
    await client.end().catch(() => {});
  }
}

async function readMigrations(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'));
      return { name, sql: sql.toString(), checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function connect(connection, patience, log) {
  const deadline = Date.now() + patience;
  for (;;) {
    const client = new pg.Client({ ...connection, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {}); // the query that is running reports the same error
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      // 28: wrong user or password, 3D: no such database. Waiting does not help.
      if (/^(28|3D)/.test(error.code ?? '') || Date.now() >= deadline) throw error;
      log.warn({ err: error }, 'waiting for the database');
      await sleep(1_000);
    }
  }
}

async function history(client) {
  const { rows } = await client.query(
    'SELECT migration_name AS name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return new Map(rows.map((row) => [row.name, row]));
}

// Names in the history that the code does not have are left alone: they belong to a newer version
// that this one is rolled back from.
function without(applied, migrations) {
  return migrations.filter(({ name, checksum }) => {
    const record = applied.get(name);
    if (!record) return true;
    if (!record.finished_at) {
      throw new MigrationError(`Migration ${name} was started by Prisma and failed: repair it with "prisma migrate resolve".`);
    }
    if (record.checksum !== checksum) {
      throw new MigrationError(`Migration ${name} was edited after it was applied: restore its migration.sql and add a new one.`);
    }
    return false;
  });
}

async function apply(client, { name, sql, checksum }) {
  const startedAt = new Date();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, startedAt],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new MigrationError(`Migration ${name} failed and was undone: ${error.message}`, { cause: error });
  }
}

async function letIn(client, login) {
  if (login.user === client.user) {
    throw new MigrationError(`DATABASE_URL logs in as ${login.user}, the master user: give the application a login of its own.`);
  }
  try {
    await makeLogin(client, login);
  } catch (error) {
    throw new MigrationError(`The login ${login.user} was not made: ${error.message}`, { cause: error });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // As the first process of a container it would not be ended by them. The database undoes what is not complete.
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) process.once(signal, () => process.exit(code));
  try {
    const config = readMigrationConfig(process.env);
    const log = createLogger(config);
    const applied = await migrate(config.master, { login: config.login, directory: process.argv[2], log });
    log.info({ applied, login: config.login.user }, 'database is up to date');
  } catch (error) {
    console.error(error.message || `The migration cannot start: ${error.code ?? error.name}`);
    process.exitCode = error instanceof ConfigError || error instanceof MigrationError ? 2 : 1;
  }
}
