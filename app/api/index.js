import createApp from './app.js';
import { ConfigError, readConfig } from './src/config.js';
import { createLogger } from './src/log.js';
import { createAppServer, drain } from './src/server.js';
import { createServices } from './src/services.js';

try {
  // 8080 is also what the Dockerfile exposes and the platform's task and target group name.
  await start(readConfig({ PORT: '8080', ...process.env }));
} catch (error) {
  console.error(error.message || `The API cannot start: ${error.code ?? error.name}`);
  // 2: a person must correct something first; 1: trying again may help.
  process.exit(error instanceof ConfigError ? 2 : 1);
}

async function start(config) {
  const log = createLogger(config);

  const services = createServices(config, log);
  const server = createAppServer(createApp(services));
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, '0.0.0.0', resolve);
  });
  log.info({ port: config.port }, 'listening');

  const stop = async (signal) => {
    log.info({ signal }, 'draining');
    const complete = await drain(server);
    if (!complete) log.warn('requests were cut off');
    await services.close().catch((error) => log.warn({ err: error }, 'closing failed'));
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal));
}
