import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { sendError, tooManyRequests } from './errors.js';
import { createOperations } from './operations.js';
import { name } from './schemas.js';

const ATTEMPTS_PER_MINUTE = 30;

// Lower case, so that one address cannot become two accounts in a case-sensitive pool.
const email = z.string().trim().toLowerCase().max(254).pipe(z.email());
const code = z.string().trim().min(1).max(2048);
const token = z.string().min(1).max(16_384);
const password = z.string().min(1).max(256);

// The pool's policy, which has the last word; here each rule gets its own message.
const newPassword = password
  .min(12, 'Use at least 12 characters')
  .regex(/[a-z]/, 'Use a lower-case letter')
  .regex(/[A-Z]/, 'Use an upper-case letter')
  .regex(/[0-9]/, 'Use a number')
  .regex(/[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`+= -]/, 'Use a symbol');

const refreshed = z.object({
  accessToken: z.string(),
  idToken: z.string(),
  expiresIn: z.int().describe('Seconds until the access token expires'),
  tokenType: z.literal('Bearer'),
});

// Of what sends a code: an answer that depended on the account would tell strangers who has one.
const asked = {
  202: { description: 'The same whether or not there is such an account', body: z.object({ message: z.string() }) },
};

/** Accounts and sessions, all of them Cognito's. */
export function createAuthRoutes({ cognito, authenticateToken }) {
  const auth = createOperations('/api/auth', { limited: true });

  // Counted by this task alone, so the real limit is this times the number of tasks: it slows
  // guessing down; Cognito's own limits on each account stop it.
  auth.router.use(
    rateLimit({
      windowMs: 60_000,
      limit: ATTEMPTS_PER_MINUTE,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      handler: (req, res, next) => sendError(tooManyRequests(60), req, res, next),
    }),
  );

  auth.add(
    'post',
    '/register',
    {
      summary: 'Create an account; a code is sent to its email address, a new one if it waits for confirmation already',
      body: z.strictObject({ email, password: newPassword, name: name.optional() }),
      responses: asked,
    },
    async (req, res) => {
      await cognito.register(req.input.body);
      res.status(202).json({ message: 'Unless there was an account with this email address before, a code was sent to it.' });
    },
  );

  auth.add(
    'post',
    '/confirm',
    {
      summary: 'Confirm the email address of an account',
      body: z.strictObject({ email, code }),
      responses: { 204: { description: 'The account can sign in' } },
    },
    async (req, res) => {
      await cognito.confirm(req.input.body);
      res.status(204).end();
    },
  );

  auth.add(
    'post',
    '/resend',
    {
      summary: 'Ask for a new code to confirm the email address; earlier ones are no longer valid',
      body: z.strictObject({ email }),
      responses: asked,
    },
    async (req, res) => {
      await cognito.resend(req.input.body.email);
      res.status(202).json({ message: 'If an account with this email address waits for confirmation, a code was sent to it.' });
    },
  );

  auth.add(
    'post',
    '/login',
    {
      summary: 'Sign in',
      body: z.strictObject({ email, password }),
      responses: { 200: { description: 'The tokens of a new session', body: refreshed.extend({ refreshToken: z.string() }) } },
      fails: [401, 403],
    },
    async (req, res) => {
      res.json(await cognito.login(req.input.body));
    },
  );

  auth.add(
    'post',
    '/refresh',
    {
      summary: 'Renew the tokens of a session',
      body: z.strictObject({ refreshToken: token }),
      responses: { 200: { description: 'New tokens', body: refreshed } },
      fails: [401, 403],
    },
    async (req, res) => {
      const { accessToken, idToken, expiresIn, tokenType } = await cognito.refresh(req.input.body.refreshToken);
      res.json({ accessToken, idToken, expiresIn, tokenType });
    },
  );

  auth.add(
    'post',
    '/logout',
    {
      summary: 'End the session of a refresh token, or all sessions when none is given',
      secured: true,
      guards: [authenticateToken],
      body: z.strictObject({ refreshToken: token.optional() }).optional(),
      responses: { 204: { description: 'Signed out; an access token ends by itself' } },
    },
    async (req, res) => {
      await cognito.logout({ accessToken: req.user.accessToken, refreshToken: req.input.body?.refreshToken });
      res.status(204).end();
    },
  );

  auth.add(
    'post',
    '/forgot',
    {
      summary: 'Ask for a code to choose a new password; an address that is not confirmed gets the code to confirm it',
      body: z.strictObject({ email }),
      responses: asked,
    },
    async (req, res) => {
      await cognito.forgot(req.input.body.email);
      res.status(202).json({ message: 'If there is an account with this email address, a code was sent to it.' });
    },
  );

  auth.add(
    'post',
    '/reset',
    {
      summary: 'Choose a new password with the code',
      body: z.strictObject({ email, code, password: newPassword }),
      responses: { 204: { description: 'The new password is in force' } },
    },
    async (req, res) => {
      await cognito.reset(req.input.body);
      res.status(204).end();
    },
  );

  return auth;
}
