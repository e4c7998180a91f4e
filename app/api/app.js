import express from 'express';
import helmet from 'helmet';
import { createAuthRoutes } from './src/auth.js';
import { notFound, sendError } from './src/errors.js';
import { createHealthRoutes } from './src/health.js';
import { createItemRoutes } from './src/items.js';
import { requestLog } from './src/log.js';
import { createDocumentRoute } from './src/openapi.js';
import { createUserRoutes } from './src/users.js';

/** The Express application on top of the services of src/services.js. */
export default function createApp({ port, log, database, items, cognito, authenticateToken }) {
  const checks = { PostgreSQL: database.ping, DynamoDB: items.ping };
  const health = createHealthRoutes({ port, checks });
  const auth = createAuthRoutes({ cognito, authenticateToken });
  const users = createUserRoutes({ users: database.users, cognito });
  const ownItems = createItemRoutes({ items });
  const document = createDocumentRoute([health.root, health.api, auth, users, ownItems]);

  const app = express();
  // The load balancer is the one hop in front: the address it adds is the client's, those before
  // it in X-Forwarded-For are the client's claims.
  app.set('trust proxy', 1);
  app.set('etag', false); // nothing here may be cached
  app.use(requestLog(log));
  app.use(helmet());

  app.use(health.root.router);

  const apiRouter = express.Router();
  apiRouter.use((req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });

  // Before authentication
  apiRouter.use(health.api.router);
  apiRouter.use(document.router);
  apiRouter.use('/auth', auth.router);

  apiRouter.use(authenticateToken);

  apiRouter.use('/users', users.router);
  apiRouter.use('/items', ownItems.router);

  app.use('/api', apiRouter);
  app.use(() => {
    throw notFound();
  });
  app.use(sendError);
  return app;
}
