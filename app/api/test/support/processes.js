import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A loopback port that nothing listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Repeats `attempt` until it gives something truthy; an attempt that throws counts as not yet. */
export async function eventually(attempt, { within = 120_000, every = 50, what = 'it' } = {}) {
  const deadline = Date.now() + within;
  let last;
  while (Date.now() < deadline) {
    try {
      const result = await attempt();
      if (result) return result;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  throw new Error(`${what} did not happen within ${within} ms`, { cause: last });
}

/** Resolves to how the process ended, also when it has ended already. */
export function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  }
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

const running = new Set();

/** Makes sure that the process does not outlive this one. */
export function endWithUs(child, signal = 'SIGKILL') {
  running.add([child, signal]);
  return child;
}

process.on('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => process.exit(code));
}
