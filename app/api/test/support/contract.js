import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A function that fails when an answer is not one that the OpenAPI document describes. */
export function contractOf(document) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'document', ...document });

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method,
      pattern: new RegExp(`^${path.replace(/{\w+}/g, '[^/]+')}$`),
      pointer: `document#/paths/${path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method}`,
      responses: methods[method].responses,
    })),
  );
  operations.sort((a, b) => b.pattern.source.length - a.pattern.source.length);

  return (method, path, { status, type, body, headers }) => {
    assert.equal(headers['access-control-allow-origin'], undefined, 'no other origin may read answers');
    assert.ok(headers['x-request-id'], 'every answer has a request id');
    if (status >= 400) checkProblem(status, type, body);
    const operation = operations.find((each) => each.method === method && each.pattern.test(path.split('?')[0]));
    if (!operation) return;
    const response = operation.responses[status];
    assert.ok(response, `${method} ${path} answered ${status}, which the OpenAPI document does not have`);
    const schema = response.content?.['application/json'];
    if (schema) {
      const validate = ajv.getSchema(`${operation.pointer}/responses/${status}/content/application~1json/schema`);
      assert.ok(validate(body), `${method} ${path}: ${ajv.errorsText(validate.errors)}`);
    } else if (status < 400) {
      assert.deepEqual(body, {}, `${method} ${path} answers nothing`);
    }
  };
}

function checkProblem(status, type, body) {
  assert.equal(type, 'application/problem+json');
  assert.equal(body.status, status);
  const keys = Object.keys(body).filter((key) => key !== 'errors');
  assert.deepEqual(keys, ['type', 'title', 'status', 'detail']);
  for (const error of body.errors ?? []) assert.deepEqual(Object.keys(error), ['path', 'message']);
}
