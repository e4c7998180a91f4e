import { z } from 'zod';

// PostgreSQL takes no NUL in text, and DynamoDB no half of a surrogate pair.
const storable = (value) => value.isWellFormed() && !value.includes('\0');

/** A line or a text that every store can keep. */
export const text = (max) => z.string().max(max).refine(storable, 'Contains characters that cannot be stored');

export const name = text(100).trim().min(1);

/** The body that every error has. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export const time = z.iso.datetime();

// Both lists are in the order of creation. No store here has rows from before 1970.
const position = z.strictObject({ createdAt: time.refine((value) => Date.parse(value) > 0), id: z.uuid() });

/**
 * The query of a paged list. A cursor says where to go on and never whose list it is, so it needs
 * no signature: the owner always comes from the token.
 */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'Expected a number from 1 to 100')
    .transform(Number)
    .prefault('20'),
  cursor: z
    .string()
    .max(500)
    .transform((value, context) => {
      const { success, data } = position.safeParse(decode(value));
      if (success) return data;
      context.addIssue({ code: 'custom', message: 'Expected the nextCursor of an earlier page' });
      return z.NEVER;
    })
    .optional(),
});

/** The cursor of the page after `last`. */
export const encodeCursor = ({ createdAt, id }) => Buffer.from(JSON.stringify({ createdAt, id })).toString('base64url');

function decode(cursor) {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
