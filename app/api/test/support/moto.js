import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs, eventually, freePort } from './processes.js';

/** moto's server, which plays Cognito and DynamoDB. */
export async function startMoto() {
  const port = await freePort();
  const child = spawn(findServer(), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  endWithUs(child);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/moto-api/data.json`)).ok, { within: 30_000, what: 'moto answering' });
  return { url, close: () => child.kill('SIGKILL') };
}

function findServer() {
  const repository = fileURLToPath(new URL('../../../..', import.meta.url));
  const candidates = [
    process.env.MOTO_SERVER,
    ...(process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'moto_server')),
    path.join(repository, '.venv/bin/moto_server'),
  ];
  const found = candidates.filter(Boolean).find(isExecutable);
  if (!found) throw new Error("The tests need moto's server: pip install 'moto[server]', or set MOTO_SERVER to its moto_server.");
  return found;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
