/**
 * Runs the tests: starts one PostgreSQL and one moto, which every test file makes its own database
 * and its own user pool and table in. `npm test -- items shutdown` runs only those files.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMoto } from './support/moto.js';
import { startPostgres } from './support/postgres.js';
import { ended, endWithUs } from './support/processes.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.test.js', '')))
  .map((file) => path.join(here, file));

try {
  const [postgres, moto] = await Promise.all([startPostgres(), startMoto()]);
  // Forced exit and time limit: a test that fails may leave something open or wait for ever.
  const options = ['--test-reporter=spec', '--test-concurrency=3', '--test-timeout=240000', '--test-force-exit'];
  const tests = spawn(process.execPath, ['--test', ...options, ...files], {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_POSTGRES: postgres.url('postgres'),
      TEST_POSTGRES_CERTIFICATE: postgres.certificate,
      TEST_MOTO: moto.url,
    },
  });
  endWithUs(tests, 'SIGTERM');
  const { code } = await ended(tests);
  await postgres.close();
  process.exit(code ?? 1);
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
