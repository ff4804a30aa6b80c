/** What this page reads of an OpenAPI 3.1 document. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: 'query' | 'path' | 'header' | 'cookie';
  description?: string;
  required?: boolean;
  schema?: Schema;
  example?: unknown;
}

interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value?: unknown }>;
}

interface Body {
  $ref?: string;
  description?: string;
  required?: boolean;
  content?: Record<string, Media>;
}

interface RawOperation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: Body;
  responses?: Record<string, Body>;
}

export interface Document {
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, unknown>>;
  components?: Record<string, Record<string, unknown>>;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  body: { type: string; required: boolean; schema?: Schema; example: string } | null;
  responses: { status: string; description: string; type: string; schema?: Schema }[];
}

const kMethods = ['get', 'post', 'put', 'patch', 'delete'];

/** Follows references within the document, "#/components/…". */
export function resolve<T extends { $ref?: string }>(document: Document, value: T): T {
  let at: T = value;
  for (let depth = 0; at.$ref !== undefined && depth < 16; ++depth) {
    const target = at.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], document);
    at = target as T;
  }
  return at;
}

/** The name behind a reference. */
export const nameOf = (schema: Schema) => schema.$ref?.split('/').at(-1);

/** A value that fits a schema: its examples where it has some. */
export function sample(document: Document, schema: Schema, depth = 0): unknown {
  const at = resolve(document, schema);
  if (at.example !== undefined) return at.example;
  if (at.examples?.length) return at.examples[0];
  if (at.default !== undefined) return at.default;
  if (at.const !== undefined) return at.const;
  if (at.enum?.length) return at.enum[0];
  if (depth > 6) return null;
  const choice = at.oneOf?.[0] ?? at.anyOf?.[0];
  if (choice) return sample(document, choice, depth + 1);
  const members = Object.entries(propertiesOf(document, at));
  if (members.length > 0) {
    return Object.fromEntries(
      members.map(([name, inner]) => [name, sample(document, inner, depth + 1)]),
    );
  }
  const type = Array.isArray(at.type) ? at.type[0] : at.type;
  if (type === 'array') return at.items ? [sample(document, at.items, depth + 1)] : [];
  if (type === 'integer' || type === 'number') return at.minimum ?? 0;
  if (type === 'boolean') return false;
  if (type === 'string') return at.format === 'date-time' ? '2026-02-07T11:26:00Z' : '';
  return type === 'object' ? {} : null;
}

/** Members of an object, those of the schemas it is made of included. */
export function propertiesOf(document: Document, schema: Schema): Record<string, Schema> {
  const at = resolve(document, schema);
  const parts = (at.allOf ?? []).map((part) => propertiesOf(document, part));
  return Object.assign({}, ...parts, at.properties ?? {}) as Record<string, Schema>;
}

export function requiredOf(document: Document, schema: Schema): Set<string> {
  const at = resolve(document, schema);
  const parts = (at.allOf ?? []).flatMap((part) => [...requiredOf(document, part)]);
  return new Set([...parts, ...(at.required ?? [])]);
}

/** "text", "integer or null", "list of Device". */
export function typeText(document: Document, schema: Schema): string {
  const at = resolve(document, schema);
  const choices = at.oneOf ?? at.anyOf;
  if (choices) return choices.map((choice) => typeText(document, choice)).join(' or ');
  const types = Array.isArray(at.type) ? at.type : at.type ? [at.type] : [];
  if (types.includes('array') && at.items) {
    return `list of ${nameOf(at.items) ?? typeText(document, at.items)}`;
  }
  if (types.length > 0) return types.join(' or ').replace('string', 'text');
  return Object.keys(propertiesOf(document, at)).length > 0 ? 'object' : 'anything';
}

function bodyOf(document: Document, raw: RawOperation): Operation['body'] {
  if (!raw.requestBody) return null;
  const body = resolve(document, raw.requestBody);
  const [type, media] = Object.entries(body.content ?? {})[0] ?? ['application/json', {}];
  const value =
    media.example ??
    Object.values(media.examples ?? {})[0]?.value ??
    (media.schema ? sample(document, media.schema) : '');
  const example = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return { type, required: body.required === true, schema: media.schema, example };
}

/** All operations in the order of the document. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    kMethods
      .filter((method) => item[method] !== undefined)
      .map((method) => {
        const raw = item[method] as RawOperation;
        const shared = (item.parameters ?? []) as Parameter[];
        return {
          id: raw.operationId,
          method: method.toUpperCase(),
          path,
          tag: raw.tags?.[0] ?? 'other',
          summary: raw.summary ?? raw.operationId,
          description: raw.description ?? '',
          parameters: [...shared, ...(raw.parameters ?? [])].map((parameter) =>
            resolve(document, parameter),
          ),
          body: bodyOf(document, raw),
          responses: Object.entries(raw.responses ?? {}).map(([status, response]) => {
            const at = resolve(document, response);
            const [type = '', media] = Object.entries(at.content ?? {})[0] ?? [];
            return { status, description: at.description ?? '', type, schema: media?.schema };
          }),
        };
      }),
  );
}

/** The address of a call: path parameters filled in, empty query parameters left out. */
export function addressOf(operation: Operation, values: Record<string, string>): string {
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place } of operation.parameters) {
    const value = values[name] ?? '';
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (place === 'query' && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
