import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { unauthorized, unavailable } from './errors.js';

const BEARER = /^Bearer +([\w.~+/=-]+)$/i;

// The key server's faults; every other error of the library is the token's.
const KEYS_UNAVAILABLE = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

/**
 * Express middleware that lets only bearers of this application's access tokens pass, and says in
 * `req.user` who they are. Tokens are checked without asking Cognito: one that was revoked still
 * passes here until it expires.
 */
export function createAuthenticator({ issuer, jwksUri, clientId }) {
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: 3_000,
    // A token with an unknown key makes the set be fetched again, but not more often than this.
    cooldownDuration: 30_000,
    cacheMaxAge: 3_600_000,
  });
  const options = { issuer, algorithms: ['RS256'], requiredClaims: ['exp', 'sub'] };

  return async function authenticateToken(req, res, next) {
    const [, token] = BEARER.exec(req.get('Authorization') ?? '') ?? [];
    if (!token) throw unauthorized();
    const claims = await verify(token);
    // Cognito's access tokens carry no `aud`; an ID token has one, and is no permission to call.
    if (claims.token_use !== 'access' || claims.client_id !== clientId) throw unauthorized();
    req.user = { id: claims.sub, groups: claims['cognito:groups'] ?? [], accessToken: token };
    next();
  };

  async function verify(token) {
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      const isOutage = !(error instanceof errors.JOSEError) || KEYS_UNAVAILABLE.has(error.code);
      throw isOutage ? unavailable(error) : unauthorized();
    }
  }
}
