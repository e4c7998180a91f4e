/**
 * `npm run dev`: the API on PORT (8080 when not set) with a PostgreSQL and an AWS of its own, which
 * start empty and end with it. Any confirmation code is accepted.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../migrate.js';
import { connectionSettings } from '../../src/database-url.js';
import { createLogger } from '../../src/log.js';
import { startAws } from './aws.js';
import { startMoto } from './moto.js';
import { applicationUrl, startPostgres } from './postgres.js';
import { ended, endWithUs } from './processes.js';

try {
  const [postgres, moto] = await Promise.all([startPostgres(), startMoto()]);
  const aws = await startAws(moto.url);
  const masterUrl = postgres.url('postgres');
  const databaseUrl = applicationUrl(masterUrl);
  await migrate(connectionSettings(masterUrl), { login: connectionSettings(databaseUrl), log: createLogger({ logLevel: 'warn' }) });
  const api = spawn(process.execPath, ['index.js'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
    env: { NODE_ENV: 'development', ...process.env, ...aws.environment, DATABASE_URL: databaseUrl },
  });
  endWithUs(api, 'SIGTERM');
  const { code } = await ended(api);
  await postgres.close();
  process.exit(code ?? 1);
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
