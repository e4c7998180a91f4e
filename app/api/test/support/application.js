import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Writable } from 'node:stream';
import pg from 'pg';
import supertest from 'supertest';
import createApp from '../../app.js';
import { migrate } from '../../migrate.js';
import { readConfig } from '../../src/config.js';
import { connectionSettings } from '../../src/database-url.js';
import { createLogger } from '../../src/log.js';
import { createServices } from '../../src/services.js';
import { startAws } from './aws.js';
import { contractOf } from './contract.js';
import { applicationUrl } from './postgres.js';
import { eventually } from './processes.js';

export const PASSWORD = 'Correct-Horse-7-Battery';
export const CODE = '123456'; // moto takes any

/** The address of a new, empty database in the PostgreSQL of this run. */
export async function createDatabaseUrl() {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(process.env.TEST_POSTGRES);
  await query(url.href, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return url.href;
}

export async function query(url, sql) {
  const client = new pg.Client(connectionSettings(url));
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const WAITING = `
  SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid
  WHERE datname = current_database() AND NOT granted`;

/** Holds `statement`'s lock until `release`; `wanted` resolves once so many wait for a lock. */
export async function holdLock(url, statement) {
  const client = new pg.Client(connectionSettings(url));
  await client.connect();
  await client.query('BEGIN');
  await client.query(statement);
  return {
    wanted: (count = 1) =>
      eventually(async () => (await client.query(WAITING)).rowCount >= count, { what: 'waiting for the lock' }),
    release: () => client.end(),
  };
}

/** What a whole API process needs in its environment, with its database migrated; and the master user's address. */
export async function createEnvironment(existingAws) {
  const [aws, masterUrl] = await Promise.all([existingAws ?? startAws(process.env.TEST_MOTO), createDatabaseUrl()]);
  const databaseUrl = applicationUrl(masterUrl);
  await migrate(connectionSettings(masterUrl), { login: connectionSettings(databaseUrl), log: createLogger({ logLevel: 'silent' }) });
  return { aws, masterUrl, environment: { ...aws.environment, DATABASE_URL: databaseUrl, NODE_ENV: 'staging' } };
}

/**
 * The application in this process. `api` is supertest whose every answer is held against the
 * OpenAPI document; `logged` is all that was logged. A second one in a process must share the
 * first one's `aws`.
 */
export async function startApplication(overrides = {}, existingAws = undefined) {
  const { aws, masterUrl, environment } = await createEnvironment(existingAws);
  // The AWS SDK reads its address and credentials from the process's environment.
  Object.assign(process.env, environment, overrides);
  const config = readConfig({ PORT: '8080', LOG_LEVEL: 'debug', ...environment, ...overrides });

  const lines = [];
  const log = createLogger(
    config,
    new Writable({
      write(chunk, encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    }),
  );
  const services = createServices(config, log);
  const app = createApp(services);
  const server = app.listen(0, '127.0.0.1');
  const check = contractOf((await supertest(server).get('/api/openapi.json')).body);

  const application = {
    aws,
    config,
    server,
    services,
    databaseUrl: masterUrl,
    logged: () => lines.join(''),
    api: client(server, check),

    /** An account that is confirmed and signed in. */
    async signUp({ admin = false, name } = {}) {
      const email = `${randomBytes(6).toString('hex')}@example.com`;
      const call = (path, body) => application.api.post(`/api/auth/${path}`, { from: address(), body });
      await call('register', { email, password: PASSWORD, ...(name && { name }) }).expect(202);
      await call('confirm', { email, code: CODE }).expect(204);
      if (admin) await aws.makeAdmin(email);
      const { body: tokens } = await call('login', { email, password: PASSWORD }).expect(200);
      return { email, userId: subjectOf(tokens.accessToken), tokens, api: client(server, check, tokens.accessToken) };
    },

    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await services.close();
      if (!existingAws) aws.close();
    },
  };
  return application;
}

/** Whose a token is: Cognito's id of the user. */
export const subjectOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;

/** A client address that nobody else uses, so that tests do not share a rate limit. */
export const address = () => `198.51.${randomInt(256)}.${randomInt(256)}`;

/** `api.get(path, {token, body, query, from})` is a supertest request. */
function client(server, check, ownToken) {
  const send = (method) => (path, { body, query: parameters, token = ownToken, from } = {}) => {
    const request = supertest(server)[method](path);
    if (token) request.set('Authorization', `Bearer ${token}`);
    if (from) request.set('X-Forwarded-For', from);
    if (parameters) request.query(parameters);
    if (body !== undefined) request.send(body);
    return request.expect((response) => check(method, path, response));
  };
  return Object.fromEntries(['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, send(method)]));
}

export const sha256 = (content) => createHash('sha256').update(content).digest('hex');
