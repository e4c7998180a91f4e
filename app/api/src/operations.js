import express from 'express';
import { invalid, Problem } from './errors.js';

const parseJson = express.json({ limit: '100kb', type: 'application/json' });

/**
 * An Express router whose every operation is described once: the description checks the input,
 * which the handler finds in `req.input`, and is what the OpenAPI document is made from.
 *
 * @param {string} prefix where the application mounts the router
 * @param {{ secured?: boolean, limited?: boolean }} traits of all operations of this router
 */
export function createOperations(prefix, traits = {}) {
  const router = express.Router();
  const operations = [];
  return {
    router,
    operations,
    /**
     * @param {{ summary: string, body?: import('zod').ZodType, query?: import('zod').ZodType,
     *   guards?: import('express').RequestHandler[], responses: Record<number, object> }} description
     */
    add(method, path, description, handler) {
      operations.push({ method, path: prefix + (path === '/' ? '' : path), ...traits, ...description });
      const { body, guards = [] } = description;
      router[method](path, guards, body ? [requireJson, parseJson] : [], checkInput(description), handler);
    },
  };
}

// Whether a body is missing is the schema's to judge; browsers announce a missing one as empty.
function requireJson(req, res, next) {
  const isEmpty = req.get('Content-Length') === '0';
  if (!isEmpty && req.is('application/json') === false) throw new Problem(415, 'The body must be application/json.');
  next();
}

const checkInput = ({ body, query }) => (req, res, next) => {
  const errors = [];
  const check = (schema, value) => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (!result.success) errors.push(...result.error.issues.flatMap(describe));
    return result.data;
  };
  req.input = { query: check(query, req.query), body: check(body, req.body) };
  if (errors.length > 0) throw invalid(errors);
  next();
};

function describe({ code, keys, path, message }) {
  if (code === 'unrecognized_keys') return keys.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field' }));
  return [{ path: path.join('.'), message }];
}
