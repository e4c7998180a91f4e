import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { createOperations } from './operations.js';
import { problem } from './schemas.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Serves the OpenAPI 3.1 document of the given groups of operations, and of itself. */
export function createDocumentRoute(groups) {
  const own = createOperations('/api');
  own.add(
    'get',
    '/openapi.json',
    {
      summary: 'This document',
      dependsOnNothing: true,
      responses: { 200: { description: 'An OpenAPI 3.1 document', body: z.looseObject({ openapi: z.string() }) } },
    },
    (req, res) => {
      res.json(document);
    },
  );
  const document = describeApi([...groups, own].flatMap(({ operations }) => operations));
  return own;
}

function describeApi(operations) {
  const paths = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[operation.method] = describeOperation(operation, path);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'ProdReady Infra API', version },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: schema(problem, 'output') },
      responses: { Problem: { description: 'What went wrong', ...content({ $ref: '#/components/schemas/Problem' }, 'application/problem+json') } },
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function describeOperation({ method, summary, secured, body, query, responses, ...operation }, path) {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    operationId: method + path.replace(/[/{}.]+(\w?)/g, (_, letter) => letter.toUpperCase()),
    summary,
    ...(secured && { security: [{ accessToken: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !body.safeParse(undefined).success, ...content(schema(body, 'input')) } }),
    responses: {
      ...Object.fromEntries(Object.entries(responses).map(([status, answer]) => [status, describeResponse(answer)])),
      ...Object.fromEntries(problems({ ...operation, path, secured, body, query }).map((status) => [status, PROBLEM])),
    },
  };
}

const PROBLEM = { $ref: '#/components/responses/Problem' };

/** The statuses of the errors that an operation can end in. */
function problems({ path, secured, limited, body, query, fails = [], dependsOnNothing }) {
  return [
    ...(body || query || path.includes('{') ? [400] : []),
    ...(secured ? [401] : []),
    ...(body ? [413, 415] : []),
    ...(limited ? [429] : []),
    ...(dependsOnNothing ? [] : [500, 503]),
    ...fails,
  ];
}

function describeResponse({ description, body, headers }) {
  return {
    description,
    ...(headers && { headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: 'string' } }])) }),
    ...(body && content(schema(body, 'output'))),
  };
}

const pathParameters = (path) =>
  [...path.matchAll(/{(\w+)}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

function queryParameters(query) {
  if (!query) return [];
  const { properties, required = [] } = schema(query, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }));
}

const content = (body, type = 'application/json') => ({ content: { [type]: { schema: body } } });

function schema(type, io) {
  const { $schema, ...rest } = z.toJSONSchema(type, {
    io,
    // zod repeats each format as a pattern, which says nothing more to a reader.
    override: ({ jsonSchema }) => jsonSchema.format && delete jsonSchema.pattern,
  });
  return rest;
}
