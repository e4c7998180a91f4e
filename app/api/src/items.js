import { z } from 'zod';
import { notFound, Problem } from './errors.js';
import { createOperations } from './operations.js';
import { encodeCursor, pageQuery, text, time } from './schemas.js';

// Together far below DynamoDB's 400 KB for an item, whatever the alphabet.
const title = text(200).trim().min(1);
const notes = text(10_000);

// A day alone means its first moment in UTC.
const expiresAt = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'Expected a date such as 2099-01-31 or 2099-01-31T12:00:00Z')
  .refine((value) => Date.parse(value) > Date.now(), 'Expected a time to come')
  .transform((value) => Math.floor(Date.parse(value) / 1000))
  .nullable();

const version = z.int().min(1).max(Number.MAX_SAFE_INTEGER - 1);

const versionInQuery = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'Expected a version number')
  .transform(Number);

const changes = z
  .strictObject({
    title: title.optional(),
    notes: notes.optional(),
    done: z.boolean().optional(),
    expiresAt: expiresAt.optional(),
    version: version.describe('The version this change is based on'),
  })
  .refine((body) => Object.keys(body).length > 1, 'Expected something to change besides the version');

const item = z.object({
  id: z.uuid(),
  title: z.string(),
  notes: z.string(),
  done: z.boolean(),
  version: z.int(),
  createdAt: time,
  updatedAt: time,
  expirationTime: time.nullable(),
});

const present = ({ id, title, notes, done, version, createdAt, updatedAt, expiration_time: seconds }) => ({
  id,
  title,
  notes,
  done,
  version,
  createdAt,
  updatedAt,
  expirationTime: seconds === undefined ? null : new Date(seconds * 1000).toISOString(),
});

/** The caller's own items; those of others do not exist for them. */
export function createItemRoutes({ items }) {
  const routes = createOperations('/api/items', { secured: true });

  // Also keeps ids that DynamoDB would refuse as keys away from it.
  routes.router.param('id', (req, res, next, id) => {
    if (!z.uuid().safeParse(id).success) throw notFound();
    next();
  });

  routes.add(
    'get',
    '/',
    {
      summary: 'My items, newest first',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page, which may hold fewer items than the limit even when there is a next one',
          body: z.object({ items: z.array(item), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (req, res) => {
      const { limit, cursor: after } = req.input.query;
      const page = await items.list(req.user.id, { limit, after });
      res.json({ items: page.items.map(present), nextCursor: page.next ? encodeCursor(page.next) : null });
    },
  );

  routes.add(
    'post',
    '/',
    {
      summary: 'Add an item',
      body: z.strictObject({ title, notes: notes.default(''), expiresAt: expiresAt.optional() }),
      responses: { 201: { description: 'The item', headers: ['Location'], body: item } },
    },
    async (req, res) => {
      const created = await items.create(req.user.id, req.input.body);
      res.status(201).location(`/api/items/${created.id}`).json(present(created));
    },
  );

  routes.add(
    'get',
    '/:id',
    { summary: 'One of my items', responses: { 200: { description: 'The item', body: item } }, fails: [404] },
    async (req, res) => {
      const found = await items.get(req.user.id, req.params.id);
      if (!found) throw notFound();
      res.json(present(found));
    },
  );

  for (const method of ['put', 'patch']) {
    routes.add(
      method,
      '/:id',
      {
        summary: 'Change the given fields of an item; what is not given stays',
        body: changes,
        responses: { 200: { description: 'The item as it is now', body: item } },
        fails: [404, 409],
      },
      async (req, res) => {
        res.json(present(done(await items.update(req.user.id, req.params.id, req.input.body)).item));
      },
    );
  }

  routes.add(
    'delete',
    '/:id',
    {
      summary: 'Delete an item',
      query: z.strictObject({ version: versionInQuery.optional() }),
      responses: { 204: { description: 'The item is gone' } },
      fails: [404, 409],
    },
    async (req, res) => {
      done(await items.remove(req.user.id, req.params.id, req.input.query.version));
      res.status(204).end();
    },
  );

  return routes;
}

function done(result) {
  if (result.missing) throw notFound();
  if (result.conflict) throw new Problem(409, 'The item was changed by someone else. Load it again.');
  return result;
}
