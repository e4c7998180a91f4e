import {
  AdminAddUserToGroupCommand,
  AdminDisableUserCommand,
  AdminSetUserPasswordCommand,
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createServer, request } from 'node:http';

export const REGION = 'us-east-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * The AWS of one test file: moto behind a door where calls can be counted, made to fail, and
 * where the two calls that moto lacks, Cognito's RevokeToken and ResendConfirmationCode, are answered.
 */
export async function startAws(motoUrl) {
  const failures = new Map();
  const calls = [];
  const revoked = new Set();
  let writes = Promise.resolve();

  const door = createServer((req, res) => {
    const action = req.headers['x-amz-target']?.split('.')[1];
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      const answer = (status, content) => {
        res.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
        res.end(JSON.stringify(content));
      };
      const username = action && JSON.parse(body).Username;
      calls.push({ action, username, signed: Boolean(req.headers.authorization) });
      const failure = failures.get(action);
      if (failure === 'hang') return undefined;
      if (failure) return answer(failure.status ?? 400, { __type: failure.name, message: 'made to fail' });
      if (action === 'ResendConfirmationCode') {
        // The same for everybody where PreventUserExistenceErrors is enabled, as the platform has it.
        return answer(200, { CodeDeliveryDetails: { Destination: 'a***@e***', DeliveryMedium: 'EMAIL', AttributeName: 'email' } });
      }
      if (action === 'RevokeToken') {
        revoked.add(JSON.parse(body).Token);
        return answer(200, {});
      }
      if (action === 'InitiateAuth' && revoked.has(JSON.parse(body).AuthParameters.REFRESH_TOKEN)) {
        return answer(400, { __type: 'NotAuthorizedException', message: 'Refresh Token has been revoked' });
      }
      const forward = () =>
        new Promise((resolve) => {
          res.once('close', resolve);
          const onward = request(motoUrl + req.url, { method: req.method, headers: req.headers }, (reply) => {
            res.writeHead(reply.statusCode, reply.headers);
            reply.pipe(res);
          });
          onward.on('error', () => res.destroy());
          onward.end(body);
        });
      // moto checks a condition and writes in two steps, which DynamoDB does in one: in turns, then.
      if (action === 'UpdateItem' || action === 'DeleteItem') return (writes = writes.then(forward));
      return forward();
    });
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${door.address().port}`;

  const cognito = new CognitoIdentityProviderClient({ region: REGION, endpoint, credentials });
  const dynamodb = new DynamoDBClient({ region: REGION, endpoint, credentials });

  const pool = await createPool(cognito);
  const table = await createTable(dynamodb);
  calls.length = 0;

  return {
    endpoint,
    calls,
    documents: DynamoDBDocumentClient.from(dynamodb),
    table,
    /** What the platform and the SDK read from the environment to find all this. */
    environment: {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      COGNITO_USER_POOL_ID: pool.id,
      COGNITO_CLIENT_ID: pool.clientId,
      COGNITO_JWKS_URI: `${endpoint}/${pool.id}/.well-known/jwks.json`,
      ITEMS_TABLE: table,
    },
    /** Until the returned function is called, `action` ends in the error, or in no answer at all. */
    fail(action, failure) {
      failures.set(action, typeof failure === 'string' && failure !== 'hang' ? { name: failure } : failure);
      return () => failures.delete(action);
    },
    makeAdmin: (email) =>
      cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: pool.id, Username: email, GroupName: 'admins' })),
    disable: (email) => cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.id, Username: email })),
    /** An account as an administrator makes it, whose first sign-in must change the password. */
    async createWithTemporaryPassword(email, password) {
      await cognito.send(new AdminCreateUserCommand({ UserPoolId: pool.id, Username: email }));
      await cognito.send(
        new AdminSetUserPasswordCommand({ UserPoolId: pool.id, Username: email, Password: password, Permanent: false }),
      );
    },
    close() {
      cognito.destroy();
      dynamodb.destroy();
      door.closeAllConnections();
      door.close();
    },
  };
}

async function createPool(cognito) {
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'test',
      UsernameAttributes: ['email'],
      AutoVerifiedAttributes: ['email'],
      Policies: {
        PasswordPolicy: {
          MinimumLength: 12,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
        },
      },
    }),
  );
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: UserPool.Id,
      ClientName: 'test',
      GenerateSecret: false,
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  await cognito.send(new CreateGroupCommand({ UserPoolId: UserPool.Id, GroupName: 'admins' }));
  return { id: UserPool.Id, clientId: UserPoolClient.ClientId };
}

async function createTable(dynamodb) {
  const TableName = `items-${process.pid}-${Date.now()}`;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: ['id', 'owner', 'createdAt'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'owner',
          KeySchema: [
            { AttributeName: 'owner', KeyType: 'HASH' },
            { AttributeName: 'createdAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  await dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expiration_time', Enabled: true },
    }),
  );
  return TableName;
}
