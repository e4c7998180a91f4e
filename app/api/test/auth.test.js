import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, CODE, PASSWORD, startApplication, subjectOf } from './support/application.js';

let application;
before(async () => {
  application = await startApplication();
});
after(() => application?.close());

let count = 0;
const newEmail = () => `person-${process.pid}-${(count += 1)}@example.com`;

const call = (path, body, from = address()) => application.api.post(`/api/auth/${path}`, { body, from });

async function register(email = newEmail()) {
  await call('register', { email, password: PASSWORD }).expect(202);
  return email;
}

async function account() {
  const email = await register();
  await call('confirm', { email, code: CODE }).expect(204);
  return email;
}

const paths = ({ body }) => [...new Set(body.errors.map(({ path }) => path))];

/** Which of Cognito's calls that send a code `run` leads to, for whom. */
async function codesAskedBy(run) {
  const before = application.aws.calls.length;
  await run();
  const sending = ['SignUp', 'ResendConfirmationCode', 'ForgotPassword'];
  const calls = application.aws.calls.slice(before).filter(({ action }) => sending.includes(action));
  return calls.map(({ action, username }) => `${action} ${username}`).sort();
}

/** While `run` runs, Cognito's `action` ends in `error`. */
async function whileFailing(action, error, run) {
  const restore = application.aws.fail(action, error);
  try {
    return await run();
  } finally {
    restore();
  }
}

test('register, confirm, sign in, refresh, sign out', async () => {
  const email = newEmail();
  await call('register', { email, password: PASSWORD, name: 'Ann' }).expect(202);
  await call('confirm', { email, code: CODE }).expect(204);

  const session = (await call('login', { email, password: PASSWORD }).expect(200)).body;
  assert.equal(session.expiresIn, 3600);
  const me = (await application.api.get('/api/users/me', { token: session.accessToken }).expect(200)).body;
  assert.deepEqual([me.id, me.email, me.name], [subjectOf(session.accessToken), email, 'Ann']);

  const { refreshToken } = session;
  const renewed = (await call('refresh', { refreshToken }).expect(200)).body;
  assert.equal('refreshToken' in renewed, false);
  await application.api.get('/api/users/me', { token: renewed.accessToken }).expect(200);

  await application.api
    .post('/api/auth/logout', { token: renewed.accessToken, body: { refreshToken }, from: address() })
    .expect(204);
  await call('refresh', { refreshToken }).expect(401);
});

test('signing out ends one session, or all of them when none is named', async () => {
  const email = await account();
  const [first, second] = await Promise.all(
    [1, 2].map(async () => (await call('login', { email, password: PASSWORD }).expect(200)).body),
  );
  const logout = (token, body) => application.api.post('/api/auth/logout', { token, body, from: address() });
  await logout(first.accessToken, { refreshToken: first.refreshToken }).expect(204);
  await call('refresh', { refreshToken: first.refreshToken }).expect(401);
  await call('refresh', { refreshToken: second.refreshToken }).expect(200);
  await logout(first.accessToken, undefined).expect(204);
  await call('refresh', { refreshToken: second.refreshToken }).expect(401);
});

test('an email address is one account however it is written', async () => {
  const email = await account();
  await call('register', { email: ` ${email.toUpperCase()} `, password: 'Another-Horse-8-Battery' }).expect(202);
  await call('login', { email: email.toUpperCase(), password: PASSWORD }).expect(200);
  await call('login', { email, password: 'Another-Horse-8-Battery' }).expect(401);
});

test('a forgotten password is replaced with the code', async () => {
  const email = await account();
  const password = 'Another-Horse-8-Battery';
  await call('forgot', { email }).expect(202);
  await call('reset', { email, code: CODE, password }).expect(204);
  await call('login', { email, password: PASSWORD }).expect(401);
  await call('login', { email, password }).expect(200);
});

test('a new password ends the sessions of the old one, and is in force where they cannot be ended', async () => {
  const email = await account();
  const { refreshToken } = (await call('login', { email, password: PASSWORD }).expect(200)).body;
  const reset = (password) => call('reset', { email, code: CODE, password }).expect(204);
  await whileFailing('GlobalSignOut', 'TooManyRequestsException', () => reset('Another-Horse-8-Battery'));
  await call('login', { email, password: 'Another-Horse-8-Battery' }).expect(200);
  await call('refresh', { refreshToken }).expect(200);
  await reset('A-third-Horse-9-Battery');
  await call('refresh', { refreshToken }).expect(401);
});

test('what sends a code tells nothing about the account', async () => {
  for (const [path, actions] of [
    ['register', ['ResendConfirmationCode']],
    ['resend', ['ResendConfirmationCode']],
    ['forgot', ['ForgotPassword', 'ResendConfirmationCode']],
  ]) {
    const ask = (email) => call(path, { email, ...(path === 'register' && { password: PASSWORD }) });
    const confirmed = await account();
    const answers = [await ask(confirmed), await ask(await register()), await ask(newEmail())];
    for (const action of actions) {
      for (const error of ['UserNotFoundException', 'InvalidParameterException', 'NotAuthorizedException', 'LimitExceededException']) {
        answers.push(await whileFailing(action, error, () => ask(confirmed)));
      }
    }
    for (const { status, body } of answers) assert.deepEqual([status, body], [202, answers[0].body], path);
  }
});

test('a code that was lost is sent again, also by registering again', async () => {
  const email = newEmail();
  const body = { email, password: PASSWORD };
  assert.deepEqual(await codesAskedBy(() => call('register', body).expect(202)), [`SignUp ${email}`]);
  const resend = `ResendConfirmationCode ${email}`;
  assert.deepEqual(await codesAskedBy(() => call('resend', { email }).expect(202)), [resend]);
  assert.deepEqual(await codesAskedBy(() => call('register', body).expect(202)), [resend, `SignUp ${email}`]);
  await call('confirm', { email, code: CODE }).expect(204);
  await call('login', body).expect(200);
});

test('a password forgotten before the address was confirmed leads to the code for that', async () => {
  const email = await register();
  const asked = await codesAskedBy(() => call('forgot', { email }).expect(202));
  assert.deepEqual(asked, [`ForgotPassword ${email}`, `ResendConfirmationCode ${email}`]);
});

test('a wrong password, an unknown account, a disabled one and a wrong refresh token are all the same 401', async () => {
  const disabled = await account();
  await application.aws.disable(disabled);
  const answers = [
    await call('login', { email: await account(), password: 'Wrong-Horse-7-Battery' }),
    await call('login', { email: newEmail(), password: PASSWORD }),
    await call('login', { email: disabled, password: PASSWORD }),
    await whileFailing('InitiateAuth', 'NotAuthorizedException', () => call('refresh', { refreshToken: 'x' })),
    await application.api.get('/api/users/me'),
  ];
  for (const { status, body, headers } of answers) {
    assert.equal(status, 401);
    assert.deepEqual(body, answers[0].body);
    assert.equal(headers['www-authenticate'], 'Bearer');
  }
});

test('signing in before confirming is a 403 of its own type', async () => {
  const email = await register();
  const { body } = await call('login', { email, password: PASSWORD }).expect(403);
  assert.equal(body.type, 'urn:prodready-infra:problem:email-not-confirmed');
  await call('login', { email, password: 'Wrong-Horse-7-Battery' }).expect(401);
});

test('an account that must first do something else cannot sign in here', async () => {
  const email = newEmail();
  await application.aws.createWithTemporaryPassword(email, PASSWORD);
  await call('login', { email, password: PASSWORD }).expect(403);
  const { body } = await whileFailing('InitiateAuth', 'PasswordResetRequiredException', () =>
    call('login', { email, password: PASSWORD }).expect(403),
  );
  assert.equal(body.type, 'urn:prodready-infra:problem:password-reset-required');
});

test('registering again leaves the account as it is', async () => {
  const email = await register();
  await call('register', { email, password: 'Another-Horse-8-Battery', name: 'Eve' }).expect(202);
  await call('confirm', { email, code: CODE }).expect(204);
  await call('login', { email, password: 'Another-Horse-8-Battery' }).expect(401);
  const { accessToken: token } = (await call('login', { email, password: PASSWORD }).expect(200)).body;
  assert.equal((await application.api.get('/api/users/me', { token }).expect(200)).body.name, null);
});

test('a code that is wrong, too old or for nobody is the same 400', async () => {
  const body = { email: await register(), code: CODE };
  const answers = [];
  for (const error of ['CodeMismatchException', 'ExpiredCodeException', 'UserNotFoundException', 'NotAuthorizedException']) {
    answers.push(await whileFailing('ConfirmSignUp', error, () => call('confirm', body).expect(400)));
    answers.push(
      await whileFailing('ConfirmForgotPassword', error, () => call('reset', { ...body, password: PASSWORD }).expect(400)),
    );
  }
  for (const answer of answers) assert.deepEqual(answer.body, answers[0].body);
  assert.deepEqual(paths(answers[0]), ['code']);
});

test("a password that breaks the pool's rules is refused, each rule in its own words", async () => {
  for (const [password, message] of [
    ['Short-1-pass', null],
    ['Short-1-pas', 'Use at least 12 characters'],
    ['CORRECT-HORSE-7', 'Use a lower-case letter'],
    ['correct-horse-7', 'Use an upper-case letter'],
    ['Correct-Horse-Battery', 'Use a number'],
    ['CorrectHorse7Battery', 'Use a symbol'],
  ]) {
    const { status, body } = await call('register', { email: newEmail(), password });
    assert.equal(status, message ? 400 : 202);
    if (message) assert.deepEqual(body.errors, [{ path: 'password', message }]);
  }
  const { body } = await call('reset', { email: newEmail(), code: CODE, password: 'short' }).expect(400);
  assert.equal(body.errors.length, 4);
  // A rule that only the pool knows.
  const refused = await whileFailing('SignUp', 'InvalidPasswordException', () =>
    call('register', { email: newEmail(), password: PASSWORD }).expect(400),
  );
  assert.deepEqual(paths(refused), ['password']);
});

test('what is missing, wrong or unknown in the body is named', async () => {
  const cases = [
    ['register', {}, ['email', 'password']],
    ['register', { email: 'nobody', password: PASSWORD }, ['email']],
    ['register', { email: `${'x'.repeat(250)}@example.com`, password: PASSWORD }, ['email']],
    ['register', { email: 'a@example.com', password: PASSWORD, name: ' ' }, ['name']],
    ['register', { email: 'a@example.com', password: PASSWORD, role: 'admin' }, ['role']],
    ['register', [], ['']],
    ['confirm', { email: 'a@example.com', code: '' }, ['code']],
    ['resend', { email: 'a@example.com', code: '1' }, ['code']],
    ['login', { email: 'a@example.com' }, ['password']],
    ['login', { email: ['a@example.com'], password: 7 }, ['email', 'password']],
    ['refresh', {}, ['refreshToken']],
    ['forgot', { email: null }, ['email']],
    ['reset', { email: 'a@example.com', password: PASSWORD }, ['code']],
  ];
  for (const [path, body, expected] of cases) assert.deepEqual(paths(await call(path, body).expect(400)), expected);
  assert.deepEqual(paths(await call('login', undefined).expect(400)), ['']);

  const { accessToken: token } = (await call('login', { email: await account(), password: PASSWORD })).body;
  const logout = await application.api.post('/api/auth/logout', { token, body: { refreshToken: 7 }, from: address() }).expect(400);
  assert.deepEqual(paths(logout), ['refreshToken']);
});

test('a token that is no refresh token of ours cannot be revoked', async () => {
  const { accessToken: token } = (await call('login', { email: await account(), password: PASSWORD })).body;
  await whileFailing('RevokeToken', 'UnauthorizedException', () =>
    application.api.post('/api/auth/logout', { token, body: { refreshToken: 'x' }, from: address() }).expect(400),
  );
});

test("Cognito's own limits are a 429 with a time to wait", async () => {
  for (const [action, path, body] of [
    ['SignUp', 'register', { email: newEmail(), password: PASSWORD }],
    ['ConfirmSignUp', 'confirm', { email: newEmail(), code: CODE }],
    ['InitiateAuth', 'login', { email: newEmail(), password: PASSWORD }],
    ['ForgotPassword', 'forgot', { email: newEmail() }],
    ['ResendConfirmationCode', 'resend', { email: newEmail() }],
  ]) {
    const { headers } = await whileFailing(action, 'TooManyRequestsException', () => call(path, body).expect(429));
    assert.match(headers['retry-after'], /^\d+$/);
  }
  await whileFailing('ConfirmForgotPassword', 'LimitExceededException', () =>
    call('reset', { email: newEmail(), code: CODE, password: PASSWORD }).expect(429),
  );
});

test('a Cognito that does not answer, or answers with its own error, is a 503', async () => {
  const body = { email: newEmail(), password: PASSWORD };
  for (const failure of ['hang', { status: 500, name: 'InternalErrorException' }]) {
    const { headers } = await whileFailing('InitiateAuth', failure, () => call('login', body).expect(503));
    assert.equal(headers['retry-after'], '5');
  }
});

test('a mistake in the platform is a 500 that says nothing, and is in the log', async () => {
  const { body } = await whileFailing('InitiateAuth', 'ResourceNotFoundException', () =>
    call('login', { email: newEmail(), password: PASSWORD }).expect(500),
  );
  assert.equal(body.detail, 'Something went wrong on our side.');
  assert.match(application.logged(), /"level":"error".*ResourceNotFoundException/);
});

test('Cognito is called without AWS credentials, so that the task needs no permission for it', () => {
  const actions = ['SignUp', 'ConfirmSignUp', 'ResendConfirmationCode', 'InitiateAuth', 'GetUser', 'RevokeToken', 'GlobalSignOut', 'ForgotPassword', 'ConfirmForgotPassword'];
  for (const action of actions) {
    const calls = application.aws.calls.filter((each) => each.action === action);
    assert.ok(calls.length > 0, `${action} was called`);
    assert.ok(calls.every(({ signed }) => !signed), `${action} is not signed`);
  }
});

test('the auth routes take 30 requests a minute from one address', async () => {
  const from = address();
  const attempt = (forwardedFor) => call('login', {}, forwardedFor);
  for (let i = 0; i < 30; i += 1) await attempt(from).expect(400);
  const { headers } = await attempt(from).expect(429);
  assert.equal(headers['retry-after'], '60');
  await call('forgot', { email: newEmail() }, from).expect(429);
  await call('resend', { email: newEmail() }, from).expect(429);
  // Only what the load balancer adds counts; before it, a client may claim anything.
  await attempt(`203.0.113.9, ${from}`).expect(429);
  await attempt(`${from}, ${address()}`).expect(400);
  await application.api.get('/api/health', { from }).expect(200);
});
