import { z } from 'zod';
import { connectionOf, connectionSettings } from './database-url.js';

/** Something the operator must correct; its message names every problem at once. */
export class ConfigError extends Error {}

const integer = (min, max) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`);

const filled = (pattern, expected) => z.string('is not set').regex(pattern, `expected ${expected}`);

// Values are never repeated in messages: DATABASE_URL carries a password.
const databaseUrl = z.string('is not set').transform((value, context) => {
  try {
    return connectionSettings(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

const program = {
  NODE_ENV: z.string().default('development'),
  DATABASE_URL: databaseUrl,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'expected a pino level such as info')
    .default('info'),
};

const api = z.object({
  PORT: integer(1, 65535),
  ...program,
  DATABASE_POOL_SIZE: integer(1, 100).prefault('10'),
  AWS_REGION: filled(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1'),
  COGNITO_USER_POOL_ID: filled(/^[a-z]{2}(-[a-z]+)+-\d_[A-Za-z0-9]+$/, 'a pool id such as us-east-1_AbCdEfGhI'),
  COGNITO_CLIENT_ID: filled(/^[\w+]{1,128}$/, 'an app client id'),
  COGNITO_JWKS_URI: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).optional(),
  ITEMS_TABLE: filled(/^[\w.-]{3,255}$/, 'a DynamoDB table name'),
});

const masterUrl = z.object({ ...program, MIGRATION_DATABASE_URL: databaseUrl });
// What there is where RDS keeps the master user's password: its secret knows user and password alone.
const masterParts = z.object({
  ...program,
  MIGRATION_DATABASE_HOST: filled(/./, 'a host name'),
  MIGRATION_DATABASE_PORT: integer(1, 65535).prefault('5432'),
  MIGRATION_DATABASE_NAME: filled(/./, 'the name of a database'),
  MIGRATION_DATABASE_USER: filled(/./, 'a user name'),
  MIGRATION_DATABASE_PASSWORD: filled(/./, 'a password'),
});

function parse(schema, env, whose) {
  const { success, data, error } = schema.safeParse(env);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`The environment of the ${whose} is not usable:\n${problems.join('\n')}`);
}

/**
 * What `node migrate.js` needs: the master user's connection, and the login it makes. The former is
 * MIGRATION_DATABASE_URL, or its parts where MIGRATION_DATABASE_HOST is set and that is not. Throws ConfigError.
 */
export function readMigrationConfig(env) {
  const inParts = env.MIGRATION_DATABASE_URL === undefined && env.MIGRATION_DATABASE_HOST !== undefined;
  const data = parse(inParts ? masterParts : masterUrl, env, 'migration');
  return {
    environment: data.NODE_ENV,
    logLevel: data.LOG_LEVEL,
    master: inParts ? masterOf(data) : data.MIGRATION_DATABASE_URL,
    login: { user: data.DATABASE_URL.user, password: data.DATABASE_URL.password },
  };
}

function masterOf(data) {
  return connectionOf({
    host: data.MIGRATION_DATABASE_HOST,
    port: data.MIGRATION_DATABASE_PORT,
    user: data.MIGRATION_DATABASE_USER,
    password: data.MIGRATION_DATABASE_PASSWORD,
    database: data.MIGRATION_DATABASE_NAME,
  });
}

/** Turns environment variables into settings. Throws ConfigError. */
export function readConfig(env) {
  const data = parse(api, env, 'API');
  // The pool id names its own region, which is not necessarily the one the tasks run in.
  const poolRegion = data.COGNITO_USER_POOL_ID.split('_')[0];
  const issuer = `https://cognito-idp.${poolRegion}.amazonaws.com/${data.COGNITO_USER_POOL_ID}`;
  return {
    port: data.PORT,
    environment: data.NODE_ENV,
    logLevel: data.LOG_LEVEL,
    database: { connection: data.DATABASE_URL, poolSize: data.DATABASE_POOL_SIZE },
    cognito: {
      region: poolRegion,
      clientId: data.COGNITO_CLIENT_ID,
      issuer,
      jwksUri: data.COGNITO_JWKS_URI ?? `${issuer}/.well-known/jwks.json`,
    },
    items: { region: data.AWS_REGION, table: data.ITEMS_TABLE },
  };
}
