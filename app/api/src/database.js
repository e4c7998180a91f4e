import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';
import pg from 'pg';
import { unavailable } from './errors.js';

/** The connection pool and Prisma on top of it. Connects when first used. */
export function createDatabase({ connection, poolSize }, log) {
  const pool = new pg.Pool({
    ...connection,
    max: poolSize,
    application_name: 'prodready-infra-api',
    keepAlive: true,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    // For a server that vanished without closing: the client stops waiting by itself.
    query_timeout: 11_000,
  });
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'idle database connection lost'));

  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' }).$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          throw isOutage(error) ? unavailable(error) : error;
        }
      },
    },
  });

  return {
    users: prisma.user,
    async ping() {
      await pool.query('SELECT 1');
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

// The driver's own errors, which Prisma passes on as they are, are all about connections and
// timeouts. P1: Prisma's errors of that kind. 08, 53, 57: PostgreSQL's errors about connections,
// lack of resources, and shutdowns or statements that took too long.
function isOutage({ name, code, meta }) {
  if (!name.startsWith('PrismaClient')) return true;
  return /^P1\d{3}$/.test(code) || /^(08|53|57)/.test(meta?.driverAdapterError?.cause?.originalCode);
}
