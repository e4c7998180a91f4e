import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ConfigError, readConfig, readMigrationConfig } from '../src/config.js';
import { connectionSettings } from '../src/database-url.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const index = path.join(folder, 'index.js');

const valid = {
  PORT: '8080',
  DATABASE_URL: 'postgresql://postgres:secret@db.example.com:5432/app?sslmode=require',
  AWS_REGION: 'us-east-1',
  COGNITO_USER_POOL_ID: 'eu-west-1_AbCdEfGhI',
  COGNITO_CLIENT_ID: '1h57kf5cpq17m0eml12EXAMPLE',
  ITEMS_TABLE: 'prodready-infra-items-staging',
};

test('the issuer and the keys are those of the pool, whose id names its region', () => {
  const { cognito } = readConfig(valid);
  assert.equal(cognito.region, 'eu-west-1');
  assert.equal(cognito.issuer, 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI');
  assert.equal(cognito.jwksUri, `${cognito.issuer}/.well-known/jwks.json`);
});

test('what is optional has a default, and its variable when set', () => {
  const plain = readConfig(valid);
  assert.equal(plain.database.poolSize, 10);
  assert.equal(plain.logLevel, 'info');
  const set = readConfig({
    ...valid,
    DATABASE_POOL_SIZE: '3',
    LOG_LEVEL: 'warn',
    COGNITO_JWKS_URI: 'http://10.1.2.3/keys',
  });
  assert.equal(set.database.poolSize, 3);
  assert.equal(set.logLevel, 'warn');
  assert.equal(set.cognito.jwksUri, 'http://10.1.2.3/keys');
});

for (const [name, value] of [
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '80a'],
  ['PORT', ''],
  ['DATABASE_URL', 'mysql://a:b@c/d'],
  ['DATABASE_URL', 'postgresql://a:b@c'],
  ['DATABASE_URL', 'postgresql://a:%zz@c/d'],
  ['DATABASE_URL', 'postgresql://a:b@c/d?sslmode=prefer'],
  ['DATABASE_URL', 'postgresql://a:b@c/d?sslrootcert=/no/such/file'],
  ['DATABASE_POOL_SIZE', '0'],
  ['DATABASE_POOL_SIZE', 'many'],
  ['AWS_REGION', 'Frankfurt'],
  ['COGNITO_USER_POOL_ID', 'AbCdEfGhI'],
  ['COGNITO_CLIENT_ID', ''],
  ['COGNITO_JWKS_URI', 'file:///etc/passwd'],
  ['ITEMS_TABLE', 'a b'],
  ['LOG_LEVEL', 'loud'],
]) {
  test(`${name}=${value} is refused by name`, () => {
    assert.throws(
      () => readConfig({ ...valid, [name]: value }),
      (error) => error instanceof ConfigError && error.message.includes(`  ${name}: expected`) !== error.message.includes('sslrootcert'),
    );
  });
}

test('a wrong environment ends the process with 2 and one message that names every problem and no secret', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [index], {
    env: { PATH: process.env.PATH, PORT: 'x', DATABASE_URL: 'postgresql://u:hunter2@h/', ITEMS_TABLE: 'items-table' },
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stdout, '');
  const lines = stderr.trim().split('\n');
  assert.deepEqual(
    lines.slice(1).map((line) => line.trim().split(':')[0]),
    ['PORT', 'DATABASE_URL', 'AWS_REGION', 'COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID'],
  );
  assert.doesNotMatch(stderr, /hunter2|\bat /);
});

test('user, password and database are percent-decoded', () => {
  const settings = connectionSettings('postgresql://a%40b:p%2Fw%3A%23%25@[::1]:5433/my%20db?sslmode=disable');
  assert.deepEqual(settings, { host: '::1', port: 5433, user: 'a@b', password: 'p/w:#%', database: 'my db', ssl: false });
});

const application = { DATABASE_URL: 'postgresql://application_1:secret@db.example.com:5432/app?sslmode=require' };
const parts = {
  ...application,
  MIGRATION_DATABASE_HOST: 'db.example.com',
  MIGRATION_DATABASE_PORT: '5432',
  MIGRATION_DATABASE_NAME: 'app',
  MIGRATION_DATABASE_USER: 'postgres',
  MIGRATION_DATABASE_PASSWORD: 'p/w:#%41@',
};

test('the migration takes the master user as one address or in parts, with the same TLS', () => {
  const url = `postgresql://postgres:${encodeURIComponent('p/w:#%41@')}@db.example.com:5432/app?sslmode=require`;
  const whole = readMigrationConfig({ ...application, MIGRATION_DATABASE_URL: url });
  assert.deepEqual(readMigrationConfig(parts), whole);
  assert.equal(whole.master.password, 'p/w:#%41@');
  assert.notEqual(whole.master.ssl, false);
  assert.deepEqual(whole.login, { user: 'application_1', password: 'secret' });
});

test('parts of the master user that are missing or wrong are named, and no value is repeated', () => {
  const names = (env) => {
    try {
      readMigrationConfig(env);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      assert.doesNotMatch(error.message, /p\/w/);
      return error.message.split('\n').slice(1).map((line) => line.trim().split(':')[0]);
    }
    return [];
  };
  const { MIGRATION_DATABASE_PASSWORD, MIGRATION_DATABASE_USER, ...without } = parts;
  assert.deepEqual(names(without), ['MIGRATION_DATABASE_USER', 'MIGRATION_DATABASE_PASSWORD']);
  assert.deepEqual(names({ ...parts, MIGRATION_DATABASE_PORT: '0' }), ['MIGRATION_DATABASE_PORT']);
  assert.deepEqual(names(application), ['MIGRATION_DATABASE_URL']);
});

async function usesTls(parameters, host) {
  const url = new URL(process.env.TEST_POSTGRES);
  url.search = parameters;
  if (host) url.hostname = host;
  const client = new pg.Client(connectionSettings(url.href));
  try {
    await client.connect();
    return (await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).rows[0].ssl;
  } finally {
    await client.end().catch(() => {});
  }
}

const certificate = process.env.TEST_POSTGRES_CERTIFICATE;

test('sslmode=require encrypts, and is what is meant when nothing is said', async () => {
  assert.equal(await usesTls('sslmode=require'), true);
  assert.equal(await usesTls(''), true);
  assert.equal(await usesTls('sslmode=disable'), false);
});

test('sslmode=require with authorities checks who signed, not the host name', async () => {
  assert.equal(await usesTls(`sslmode=require&sslrootcert=${certificate}`, '127.0.0.1'), true);
  const stranger = path.join(folder, 'test/support/another-authority.pem');
  await assert.rejects(usesTls(`sslmode=require&sslrootcert=${stranger}`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('sslmode=verify-full also checks the host name', async () => {
  assert.equal(await usesTls(`sslmode=verify-full&sslrootcert=${certificate}`, 'localhost'), true);
  await assert.rejects(usesTls(`sslmode=verify-full&sslrootcert=${certificate}`, '127.0.0.1'), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('sslmode=verify-full without authorities is refused', () => {
  assert.throws(() => connectionSettings('postgresql://a:b@c/d?sslmode=verify-full&sslrootcert=/no/such/file'), /not at \/no\/such\/file/);
});
