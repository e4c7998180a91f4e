import { unavailable } from './errors.js';

/** How every AWS client here waits: someone waits for us, so 503 is said before they give up. */
export const clientSettings = (region) => ({
  region,
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
});

/** `client.send`, where a service that does not answer or asks to come back later is a 503. */
export const sender = (client) => async (command) => {
  try {
    return await client.send(command);
  } catch (error) {
    throw isOutage(error) ? unavailable(error) : error;
  }
};

function isOutage({ name, $metadata }) {
  if (!$metadata) return false; // it was not even sent, for want of credentials for example
  const { httpStatusCode } = $metadata; // none when there was no answer
  return !httpStatusCode || httpStatusCode >= 500 || /Throttling|ThroughputExceeded|RequestLimitExceeded/.test(name);
}
