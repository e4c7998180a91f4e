import { createCognito } from './cognito.js';
import { createDatabase } from './database.js';
import { createItemStore } from './item-store.js';
import { createAuthenticator } from './tokens.js';

/** Everything the application talks to. Nothing connects before it is used. */
export function createServices(config, log) {
  const database = createDatabase(config.database, log);
  const items = createItemStore(config.items);
  const cognito = createCognito(config.cognito);
  return {
    port: config.port,
    log,
    database,
    items,
    cognito,
    authenticateToken: createAuthenticator(config.cognito),
    async close() {
      items.close();
      cognito.close();
      await database.close();
    },
  };
}
