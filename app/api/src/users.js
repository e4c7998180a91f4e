import { z } from 'zod';
import { Problem } from './errors.js';
import { createOperations } from './operations.js';
import { encodeCursor, name, pageQuery, time } from './schemas.js';

const ADMINS = 'admins'; // the Cognito group

const user = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
});

/** Profiles, in PostgreSQL. `users` is Prisma's model. */
export function createUserRoutes({ users, cognito }) {
  const routes = createOperations('/api/users', { secured: true });

  // An access token does not say the email address, so a new bearer's first request asks Cognito.
  async function ensureProfile({ id, accessToken }) {
    const found = await users.findUnique({ where: { id } });
    if (found) return found;
    // First requests may come in pairs, and this is the one way of writing that cannot collide:
    // Prisma's upsert reads before it inserts when there is nothing to update.
    await users.createMany({ data: [{ id, ...(await cognito.profile(accessToken)) }], skipDuplicates: true });
    return users.findUniqueOrThrow({ where: { id } });
  }

  routes.add(
    'get',
    '/me',
    { summary: 'My profile', responses: { 200: { description: 'The profile', body: user } } },
    async (req, res) => {
      res.json(await ensureProfile(req.user));
    },
  );

  routes.add(
    'patch',
    '/me',
    {
      summary: 'Change my profile',
      body: z.strictObject({ name }),
      responses: { 200: { description: 'The profile as it is now', body: user } },
    },
    async (req, res) => {
      const { id } = await ensureProfile(req.user);
      res.json(await users.update({ where: { id }, data: { name: req.input.body.name } }));
    },
  );

  routes.add(
    'get',
    '/',
    {
      summary: 'All profiles, oldest first; for administrators',
      guards: [requireAdmin],
      query: pageQuery,
      responses: {
        200: { description: 'A page', body: z.object({ users: z.array(user), nextCursor: z.string().nullable() }) },
      },
      fails: [403],
    },
    async (req, res) => {
      const { limit, cursor } = req.input.query;
      const after = cursor && {
        OR: [{ createdAt: { gt: cursor.createdAt } }, { createdAt: cursor.createdAt, id: { gt: cursor.id } }],
      };
      // One more than asked for says whether there is a next page.
      const found = await users.findMany({ where: after, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: limit + 1 });
      const page = found.slice(0, limit);
      res.json({ users: page, nextCursor: found.length > limit ? encodeCursor(page.at(-1)) : null });
    },
  );

  return routes;
}

function requireAdmin(req, res, next) {
  if (!req.user.groups.includes(ADMINS)) throw new Problem(403, 'Only administrators may do this.');
  next();
}
