import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { kRoot } from './platform.mjs';

const kMethods = ['get', 'put', 'post', 'delete', 'patch'];
const kDocument = 'openapi';

/** The statuses that an error code comes with. */
export const kStatusOfCode = {
  VALIDATION_ERROR: [400, 411, 414, 415, 426, 431],
  UNAUTHENTICATED: [401],
  FORBIDDEN: [403],
  NOT_FOUND: [404],
  METHOD_NOT_ALLOWED: [405],
  CONFLICT: [409, 412],
  PAYLOAD_TOO_LARGE: [413],
  RATE_LIMITED: [429],
  INTERNAL: [500],
  UNAVAILABLE: [503],
};

// What `default` may stand for: answers that any request can meet. 401, 403, 404 and 409 belong to
// an operation, so that an operation that gives them must say so.
const kByDefault = new Set([400, 405, 411, 413, 414, 415, 426, 429, 431, 503]);

export function loadDocument() {
  return parse(readFileSync(join(kRoot, 'docs', 'api', 'openapi.yaml'), 'utf8'));
}

function escaped(key) {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** An OpenAPI document that answers are held against, and which of it has been seen. */
export class Contract {
  #ajv = new Ajv2020.default({ strictTypes: false, strictRequired: false, allErrors: true });
  #validators = new Map();
  /** operationId -> documented statuses that the server gave. */
  seen = new Map();
  operations = [];
  /** Operations whose bodies are not one JSON object, or that lead elsewhere: tested by hand. */
  ingest = [];

  constructor(document = loadDocument()) {
    this.document = document;
    addFormats.default(this.#ajv);
    // As in HTML: a host without a dot, such as localhost, is a host.
    this.#ajv.addFormat('email', /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/);
    this.#ajv.addFormat('password', true);
    this.#ajv.addVocabulary(Object.keys(document));
    this.#ajv.addSchema(document, kDocument);
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of kMethods) {
        if (!item[method]) continue;
        const operation = this.#operation(path, item, method);
        const text = operation.body && !operation.body.schema;
        // A step of browsers, which ignores parameters that it does not know.
        const away = '303' in item[method].responses;
        const byHand = item[method].tags.includes('ingest') || text || away;
        const list = byHand ? this.ingest : this.operations;
        list.push(operation);
      }
    }
  }

  #operation(path, item, method) {
    const source = item[method];
    const where = ['paths', path, method];
    const body = source.requestBody && this.#resolve(source.requestBody, [...where, 'requestBody']);
    const security = source.security ?? this.document.security ?? [];
    const bodySchema = body?.value.content['application/json'];
    this.seen.set(source.operationId, new Set());
    return {
      id: source.operationId,
      method: method.toUpperCase(),
      path,
      secured: security.length > 0,
      parameters: [...(item.parameters ?? []), ...(source.parameters ?? [])].map(
        (parameter) => this.#resolve(parameter, []).value,
      ),
      body: body && {
        required: body.value.required === true,
        schema: bodySchema?.schema,
        example: bodySchema?.example,
        at: [...body.at, 'content', 'application/json', 'schema'],
      },
      statuses: Object.keys(source.responses),
      where,
    };
  }

  get all() {
    return [...this.operations, ...this.ingest];
  }

  operation(id) {
    const found = this.all.find((operation) => operation.id === id);
    assert.ok(found, `there is no operation ${id} in the document`);
    return found;
  }

  /** Follows a reference. `at`: the keys that lead to the value. */
  #resolve(value, at) {
    if (typeof value?.$ref !== 'string') return { value, at };
    const keys = value.$ref
      .slice(2)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const target = keys.reduce((node, key) => node[key], this.document);
    return this.#resolve(target, keys);
  }

  /** A schema with its references followed and its `allOf` merged, one level deep. */
  shape(schema) {
    const resolved = this.#resolve(schema, []).value;
    const merged = { ...resolved, properties: { ...resolved.properties } };
    for (const part of resolved.allOf ?? []) {
      const { properties, required } = this.shape(part);
      Object.assign(merged.properties, properties);
      merged.required = [...(merged.required ?? []), ...(required ?? [])];
    }
    return merged;
  }

  /** The examples of bodies, of parameters and of schemas, each with where it stands and its schema's place. */
  *examples(node = this.document, at = []) {
    if (typeof node !== 'object' || node === null) return;
    // What is below is a value, or names of members.
    const name = at.at(-1);
    if (['example', 'default', 'enum', 'const'].includes(name) && at.at(-2) !== 'properties') return;
    if ('schema' in node && 'example' in node) {
      yield { at, value: node.example, schemaAt: [...at, 'schema'] };
    }
    for (const [key, child] of Object.entries(node)) yield* this.examples(child, [...at, key]);
  }

  /** The bodies, by media type, of a request (status null) and of each answer of an operation. */
  bodies({ path, method }) {
    const { requestBody, responses } = this.document.paths[path][method.toLowerCase()];
    const all = Object.entries(responses).map(([status, answer]) => [status, answer]);
    if (requestBody) all.unshift([null, requestBody]);
    return all.flatMap(([status, body]) =>
      Object.entries(this.#resolve(body, []).value.content ?? {}).map(([type, media]) => ({ status, type, media })),
    );
  }

  /** Fails unless `value` is as the schema at this place says. */
  hold(at, value, what) {
    this.#hold(at, value, what);
  }

  validator(at) {
    const reference = `${kDocument}#/${at.map(escaped).join('/')}`;
    let validate = this.#validators.get(reference);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: reference });
      this.#validators.set(reference, validate);
    }
    return validate;
  }

  #hold(at, value, what) {
    const validate = this.validator(at);
    if (validate(value)) return;
    const errors = validate.errors.map((e) => `${e.instancePath || '/'} ${e.message}`).join('; ');
    assert.fail(`${what}: ${errors}\n${JSON.stringify(value).slice(0, 2000)}`);
  }

  holdSchema(name, value, what = name) {
    this.#hold(['components', 'schemas', name], value, what);
  }

  /** Holds an answer against what the document says of the operation. Returns its JSON, or text. */
  check(operation, response) {
    const { status, text } = response;
    const what = `${response.request} -> ${status}`;
    const { responses } = this.document.paths[operation.path][operation.method.toLowerCase()];
    const key = String(status) in responses ? String(status) : 'default';
    assert.ok(key in responses, `${what}: ${operation.id} documents no such answer\n${text}`);
    if (key === 'default') {
      assert.ok(kByDefault.has(status), `${what}: ${operation.id} must document it\n${text}`);
    }
    const { value: answer, at } = this.#resolve(responses[key], [
      ...operation.where,
      'responses',
      key,
    ]);
    if (!answer.content) {
      assert.equal(text, '', `${what}: a body where none is documented`);
      this.seen.get(operation.id).add(status);
      return text;
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0];
    assert.ok(answer.content?.[type], `${what}: content type '${type}' is not documented`);
    const value = type === 'application/json' ? this.#json(text, what) : text;
    this.#hold([...at, 'content', type, 'schema'], value, what);
    if (status >= 400 && value.error?.code) this.#checkError(value.error, status, what);
    if (key !== 'default') this.seen.get(operation.id).add(status);
    return value;
  }

  #json(text, what) {
    try {
      return JSON.parse(text);
    } catch {
      return assert.fail(`${what}: no JSON: ${text.slice(0, 500)}`);
    }
  }

  #checkError({ code, message }, status, what) {
    assert.ok(
      kStatusOfCode[code]?.includes(status),
      `${what}: the code ${code} is of no ${status}`,
    );
    assert.ok(message.length > 0, `${what}: an error needs a message`);
  }
}
