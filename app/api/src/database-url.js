import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Where the image keeps Amazon's certificate authorities for RDS.
const RDS_CA_FILE = fileURLToPath(new URL('../certs/rds-global-bundle.pem', import.meta.url));

/**
 * Splits a postgresql:// address into what the driver takes. The driver would read `sslmode` its
 * own way, which changes between its major versions, so TLS is decided here, as libpq does it.
 */
export function connectionSettings(address) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !['postgresql:', 'postgres:'].includes(url.protocol) || !url.hostname || url.pathname.length < 2) {
    throw new Error('expected postgresql://user:password@host:5432/database?sslmode=require, password percent-encoded');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
    user: decode(url.username),
    password: decode(url.password),
    database: decode(url.pathname.slice(1)),
    ssl: tls(url),
  };
}

/** The same of the parts of an address, none of them encoded; TLS is as where an address says nothing of it. */
export function connectionOf({ host, port, user, password, database }) {
  return { host, port, user, password, database, ssl: tls({ hostname: host, searchParams: new URLSearchParams() }) };
}

/**
 * disable: plain text. require (and nothing said): encrypted, and the server's certificate is
 * checked against the authorities when their file is there. verify-full: the file must be there,
 * and the certificate must also be for this host.
 */
function tls({ hostname, searchParams }) {
  const mode = searchParams.get('sslmode') ?? 'require';
  if (mode === 'disable') return false;
  if (!['require', 'verify-full'].includes(mode)) {
    throw new Error('expected sslmode to be disable, require or verify-full');
  }
  const named = searchParams.get('sslrootcert');
  const file = named ?? RDS_CA_FILE;
  if (existsSync(file)) {
    const anyHost = mode === 'require' && { checkServerIdentity: () => undefined };
    return { ca: readFileSync(file, 'utf8'), host: hostname, rejectUnauthorized: true, ...anyHost };
  }
  if (named || mode === 'verify-full') {
    throw new Error(`the certificate authorities (sslrootcert) are not at ${file}`);
  }
  return { rejectUnauthorized: false };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('expected user, password and database to be percent-encoded');
  }
}
