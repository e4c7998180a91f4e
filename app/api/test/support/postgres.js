import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ended, endWithUs, eventually, freePort } from './processes.js';

const USER = 'tester';
// With every character that an address must not carry as it is.
export const PASSWORD = 'p@ss/w:o#r%d?';
const LOGIN_PASSWORD = 'l@g/i:n#%?';

/** The address of the same database for a login of the application's own, which no other test has. */
export function applicationUrl(masterUrl) {
  const url = new URL(masterUrl);
  url.username = `application_${randomBytes(6).toString('hex')}`;
  url.password = encodeURIComponent(LOGIN_PASSWORD);
  return url.href;
}

/** A PostgreSQL of our own, with TLS, in a temporary folder and on a free loopback port. */
export async function startPostgres() {
  const bin = findBinaries();
  const folder = mkdtempSync(path.join(tmpdir(), 'api-postgres-'));
  const data = path.join(folder, 'data');
  const asUser = unprivileged(folder);
  const port = await freePort();

  const run = (command, args) => execFileSync(...asUser(command, args), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  run(path.join(bin, 'initdb'), [
    ...['-D', data, '-U', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
  ]);
  // For `localhost` only, so that a test can tell a checked host name from an unchecked one.
  run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', path.join(data, 'server.key'), '-out', path.join(data, 'server.crt')],
  ]);

  let child;
  const start = async () => {
    child = spawn(
      ...asUser(path.join(bin, 'postgres'), [
        ...['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
        ...['-c', 'ssl=on', '-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'log_min_messages=fatal'],
      ]),
      { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] },
    );
    endWithUs(child, 'SIGQUIT');
    await eventually(() => query('postgres', 'SELECT 1'), { what: 'PostgreSQL answering' });
  };
  /** SIGINT: the fast shutdown, which ends every connection. */
  const stop = async () => {
    child.kill('SIGINT');
    await ended(child);
  };

  const url = (database, { host = '127.0.0.1', parameters = 'sslmode=require' } = {}) =>
    `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@${host}:${port}/${database}?${parameters}`;

  async function query(database, sql) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: USER, password: PASSWORD, database });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await start();
  return {
    certificate: path.join(data, 'server.crt'),
    port,
    url,
    query,
    start,
    stop,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findBinaries() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    folders.push(...readdirSync(debian).sort((a, b) => b - a).map((version) => path.join(debian, version, 'bin')));
  }
  const found = folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
  if (!found) throw new Error('The tests need PostgreSQL: put its initdb and postgres on PATH.');
  return found;
}

/** PostgreSQL refuses to run as root, so root runs it as somebody else. */
function unprivileged(folder) {
  if (process.getuid() !== 0) return (command, args) => [command, args];
  const id = (kind) => {
    for (const user of ['postgres', 'nobody']) {
      try {
        return Number(execFileSync('id', [kind, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
      } catch {
        // no such user: the next one
      }
    }
    throw new Error('The tests run as root and need a user named postgres or nobody to run PostgreSQL.');
  };
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  // setpriv replaces itself with the command, so signals reach PostgreSQL.
  return (command, args) => ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', command, ...args]];
}
