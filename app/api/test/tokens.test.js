import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { startApplication } from './support/application.js';

const SUBJECT = '3f1c5a0e-8a52-4f5e-9d3c-0c9e3c8a7b11';

let application;
let keyServer;
let ours;
let oursForPss;
let strangers;
let answerWithKeys;
before(async () => {
  ours = await generateKeyPair('RS256', { extractable: true });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', ours.privateKey);
  oursForPss = await webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash: 'SHA-256' }, false, ['sign']);
  strangers = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'ours', use: 'sig' }; // no alg: the API must insist by itself
  answerWithKeys = (res) => res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  keyServer = createServer((req, res) => answerWithKeys(res));
  await new Promise((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  application = await startApplication({ COGNITO_JWKS_URI: keysAt(keyServer) });
});
after(async () => {
  await application?.close();
  keyServer?.closeAllConnections();
  keyServer?.close();
});

const keysAt = (server) => `http://127.0.0.1:${server.address().port}/keys`;

const now = () => Math.floor(Date.now() / 1000);

function claims(changes = {}) {
  const { issuer, clientId } = application.config.cognito;
  const all = {
    sub: SUBJECT,
    iss: issuer,
    client_id: clientId,
    token_use: 'access',
    username: SUBJECT,
    scope: 'aws.cognito.signin.user.admin',
    iat: now(),
    exp: now() + 3600,
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const sign = (payload, { key = ours.privateKey, kid = 'ours', alg = 'RS256' } = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);

const ask = (authorization) => {
  const request = application.api.get('/api/items');
  if (authorization !== undefined) request.set('Authorization', authorization);
  return request;
};

test('a genuine access token is let in', async () => {
  await ask(`Bearer ${await sign(claims())}`).expect(200);
  await ask(`bearer ${await sign(claims())}`).expect(200);
});

const bearer = async (payload, options) => `Bearer ${await sign(payload, options)}`;

const rejected = {
  'no Authorization header': () => undefined,
  'an empty header': () => '',
  'another scheme': () => 'Basic YTpi',
  'no token after Bearer': () => 'Bearer ',
  'two tokens': async () => `Bearer ${await sign(claims())} ${await sign(claims())}`,
  'text that is not a token': () => 'Bearer not-a-token',
  'a token of two parts': async () => `Bearer ${(await sign(claims())).split('.').slice(0, 2).join('.')}`,
  'a token whose payload is not JSON': async () => {
    const [header, , signature] = (await sign(claims())).split('.');
    return `Bearer ${header}.bm90IEpTT04.${signature}`;
  },
  'a token changed after signing': async () => {
    const [header, , signature] = (await sign(claims())).split('.');
    const payload = Buffer.from(JSON.stringify(claims({ 'cognito:groups': ['admins'] }))).toString('base64url');
    return `Bearer ${header}.${payload}.${signature}`;
  },
  "a stranger's signature under our key's name": () => bearer(claims(), { key: strangers.privateKey }),
  'alg none': () => `Bearer ${new UnsecuredJWT(claims()).encode()}`,
  'alg none with our key id and a signature': async () => {
    const [, payload, signature] = (await sign(claims())).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'ours' })).toString('base64url');
    return `Bearer ${header}.${payload}.${signature}`;
  },
  'our public key used as a shared secret': async () =>
    bearer(claims(), { alg: 'HS256', key: Buffer.from(await exportSPKI(ours.publicKey)) }),
  'another algorithm of the same key': () => bearer(claims(), { alg: 'PS256', key: oursForPss }),
  'an unknown key': () => bearer(claims(), { key: strangers.privateKey, kid: 'unknown' }),
  expired: () => bearer(claims({ exp: now() - 1 })),
  'no exp': () => bearer(claims({ exp: undefined })),
  'exp that is not a number': () => bearer(claims({ exp: 'never' })),
  'not valid yet': () => bearer(claims({ nbf: now() + 60 })),
  'the issuer of another pool': () => bearer(claims({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other' })),
  'no issuer': () => bearer(claims({ iss: undefined })),
  'the client of another application': () => bearer(claims({ client_id: 'another' })),
  'no client': () => bearer(claims({ client_id: undefined })),
  'our client only as the audience': () =>
    bearer(claims({ client_id: undefined, aud: application.config.cognito.clientId })),
  'an ID token': () =>
    bearer(claims({ token_use: 'id', client_id: undefined, aud: application.config.cognito.clientId })),
  'an ID token that names the client': () => bearer(claims({ token_use: 'id' })),
  'no subject': () => bearer(claims({ sub: undefined })),
};

for (const [kind, header] of Object.entries(rejected)) {
  test(`401, always the same: ${kind}`, async () => {
    const { body, headers } = await ask(await header()).expect(401);
    assert.deepEqual(body, {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'Sign in with valid credentials to do this.',
    });
    assert.equal(headers['www-authenticate'], 'Bearer');
  });
}

test('every protected route asks for a token', async () => {
  const { paths } = (await application.api.get('/api/openapi.json')).body;
  const secured = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) => security)
      .map(([method]) => [method, path.replace('{id}', SUBJECT)]),
  );
  assert.equal(secured.length, 10);
  for (const [method, path] of secured) await application.api[method](path).expect(401);
  await application.api.get('/api/unknown').expect(401);
});

test('while the keys cannot be fetched, a token is neither accepted nor called wrong', async () => {
  const broken = createServer((req, res) => res.writeHead(500).end());
  await new Promise((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const other = await startApplication({ COGNITO_JWKS_URI: keysAt(broken) }, application.aws);
  try {
    const token = await sign({ ...claims(), iss: other.config.cognito.issuer, client_id: other.config.cognito.clientId });
    await other.api.get('/api/items', { token }).expect(503);
    broken.closeAllConnections();
    await new Promise((resolve) => broken.close(resolve));
    await other.api.get('/api/items', { token }).expect(503);
    await other.api.get('/api/items', { token: 'not-a-token' }).expect(401);
  } finally {
    await other.close();
  }
});
