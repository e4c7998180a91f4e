import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

// PostgreSQL's own default: scram_iterations.
const ITERATIONS = 4096;

/**
 * Lets the application log in as `user` with `password`. It may do what the role `application` may, which a migration
 * makes. `client` is the master user's, and nobody else changes logins at the same time.
 */
export async function makeLogin(client, { user, password }) {
  const role = client.escapeIdentifier(user);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [user]);
  await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(verifier(password))}`);
  await client.query(`GRANT application TO ${role}`);
  // As for the role itself: what an upgrade to PostgreSQL 16 would otherwise take away.
  const { rows } = await client.query(`SELECT current_setting('server_version_num')::int AS version`);
  if (rows[0].version < 160_000) await client.query(`GRANT ${role} TO CURRENT_USER WITH ADMIN OPTION`);
}

/**
 * What PostgreSQL keeps of a password, made here as psql's \password does it: the statement may end up in the server's
 * log, with an error or because it was slow, and must not carry the password. RFC 5803 without its scheme's prefix.
 */
function verifier(password) {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (name) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest();
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey.toString('base64')}:${key('Server Key').toString('base64')}`;
}
