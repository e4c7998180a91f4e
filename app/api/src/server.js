import { createServer } from 'node:http';

// The platform kills a task 30 s after asking it to stop.
const DRAIN_MS = 20_000;

/** An HTTP server for `app`, with limits that suit a place behind a load balancer. */
export function createAppServer(app) {
  const server = createServer(app);
  // Longer than the load balancer's 60 s idle timeout: whoever closes an idle connection first
  // must not be the side that the next request is sent to.
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  server.requestTimeout = 70_000;
  return server;
}

/** Stops accepting, waits for the requests in flight, and cuts off what is not done in time. */
export function drain(server, { limit = DRAIN_MS } = {}) {
  return new Promise((resolve) => {
    let complete = true;
    const cut = setTimeout(() => {
      complete = false;
      server.closeAllConnections();
    }, limit);
    // A connection whose request ends during the drain would otherwise be kept alive.
    const idle = setInterval(() => server.closeIdleConnections(), 100);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve(complete);
    });
  });
}
