/** Values that a schema does not admit, and random ones. */

const kUnknown = 'no-such-value';

function types(schema) {
  return [schema.type ?? []].flat();
}

/**
 * Texts for a query parameter that its schema does not admit. Texts that a filter compares with are
 * not among them: one that nothing can equal may as well be answered with nothing.
 */
export function wrongTexts(schema, contract) {
  const shape = contract.shape(schema);
  if (shape.enum) return [kUnknown];
  if (types(shape).includes('array')) return wrongTexts(shape.items, contract);
  if (types(shape).includes('integer')) {
    const wrong = ['abc', '1.5', '99999999999999999999'];
    if (shape.minimum !== undefined) wrong.push(String(shape.minimum - 1));
    if (shape.maximum !== undefined) wrong.push(String(shape.maximum + 1));
    return wrong;
  }
  if (shape.format === 'date-time') return ['yesterday', '2026-13-01T00:00:00Z', '2026-02-07'];
  if (shape.format === 'uuid') return [kUnknown];
  return listedTexts(schema, contract).length > 0 ? [kUnknown] : [];
}

/** Texts that the schema lists one by one; nothing for a schema that does not. */
export function listedTexts(schema, contract) {
  const shape = contract.shape(schema);
  if (shape.enum) return shape.enum;
  if (types(shape).includes('array')) {
    const items = listedTexts(shape.items, contract);
    return items.length > 1 ? [...items, items.join(',')] : items;
  }
  const alternatives = /^\^-\?\(([a-z_|]+)\)\$$/.exec(shape.pattern ?? '')?.[1].split('|') ?? [];
  return alternatives.flatMap((name) => [name, `-${name}`]);
}

/** Values for a member of a body that its schema does not admit. */
function wrongMembers(shape) {
  const admitted = types(shape);
  const wrong = [];
  if (!admitted.includes('null')) wrong.push(null);
  if (admitted.includes('string') || shape.enum) {
    wrong.push(7, ['a']);
    if (shape.enum || shape.format || shape.pattern) wrong.push(kUnknown + ' !');
    if (shape.minLength > 0) wrong.push('');
    if (shape.maxLength) wrong.push('x'.repeat(shape.maxLength + 1));
  }
  if (admitted.includes('number')) wrong.push('50', true);
  if (admitted.includes('integer')) wrong.push('5', 1.5);
  if (shape.minimum !== undefined) wrong.push(shape.minimum - 1);
  if (shape.maximum !== undefined) wrong.push(shape.maximum + 1);
  if (admitted.includes('object')) wrong.push([], 'x');
  if (admitted.includes('array')) wrong.push('x', [7], [kUnknown]);
  return wrong;
}

/** Values at the limits of what the schema of a member admits. */
function rightMembers(shape) {
  const right = [...(shape.enum ?? [])];
  if (types(shape).includes('null')) right.push(null);
  // A length counts characters, not bytes.
  if (shape.maxLength) right.push(...['x', 'é'].map((letter) => letter.repeat(shape.maxLength)));
  if (types(shape).includes('integer')) {
    right.push(...[shape.minimum, shape.maximum].filter((limit) => limit !== undefined));
  }
  if (shape.items?.enum) right.push(...(shape.minItems ? [] : [[]]), shape.items.enum);
  return right;
}

/** Bodies that differ from a good one in one member that is right, but barely: [{ field, body }]. */
export function barelyRightBodies(operation, good, contract) {
  const { properties } = contract.shape(operation.body.schema);
  return Object.entries(properties).flatMap(([field, schema]) =>
    rightMembers(contract.shape(schema)).map((value) => ({
      field,
      body: { ...good, [field]: value },
    })),
  );
}

/** Bodies that differ from a good one in one member that is wrong: [{ field, body }]. */
export function wrongBodies(operation, good, contract) {
  const { properties, required = [] } = contract.shape(operation.body.schema);
  const wrong = [{ field: 'no_such_member', body: { ...good, no_such_member: 1 } }];
  for (const field of required) {
    const { [field]: _, ...body } = good;
    wrong.push({ field, body });
  }
  for (const [field, schema] of Object.entries(properties)) {
    for (const value of wrongMembers(contract.shape(schema))) {
      wrong.push({ field, body: { ...good, [field]: value } });
    }
  }
  return wrong;
}

/** Random values from a seed (mulberry32), the same on each run with the same seed. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n) {
    return Math.floor(this.next() * n);
  }

  chance(p) {
    return this.next() < p;
  }

  pick(values) {
    return values[this.below(values.length)];
  }

  text() {
    return this.pick([
      () => '',
      () =>
        this.pick(["' OR 1=1 --", '../../etc/passwd', '%', '_', '*', '\\', '"', '<b>', '\u0000']),
      () =>
        this.pick(['💡', 'é'.repeat(20), '\ud800', '\u202e', 'İ', 'a\nb', '\r\n', '\t', '\u007f']),
      () => this.pick(['NaN', '-0', '1e999', '0x10', 'null', 'true', '-1', '18446744073709551616']),
      () => this.pick(['2026-02-30T00:00:00Z', '9999-12-31T23:59:60Z', '0000-01-01T00:00:00Z']),
      () =>
        String.fromCharCode(...Array.from({ length: this.below(40) }, () => this.below(0xd800))),
      () => 'x'.repeat(this.pick([50, 51, 100, 256, 2001, 5000])),
      () => Math.floor(this.next() * 1e6).toString(36),
    ])();
  }

  json(depth = 3) {
    const leaves = [
      () => this.text(),
      () => this.pick([0, -0, 1, -1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 63, 2 ** 64, 5e-324]),
      () => this.pick([true, false, null]),
    ];
    const nodes = [
      () => Array.from({ length: this.below(4) }, () => this.json(depth - 1)),
      () =>
        Object.fromEntries(
          Array.from({ length: this.below(4) }, () => [this.text(), this.json(depth - 1)]),
        ),
    ];
    return this.pick(depth > 0 ? [...leaves, ...nodes] : leaves)();
  }

  /** Often what the schema admits, sometimes anything. */
  like(schema, contract) {
    const shape = contract.shape(schema);
    if (this.chance(0.15)) return this.json();
    if (shape.enum) return this.pick(shape.enum);
    const type = this.pick(types(shape).length > 0 ? types(shape) : ['string']);
    const low = shape.minimum ?? -1000;
    const high = shape.maximum ?? low + 2000;
    switch (type) {
      case 'null':
        return null;
      case 'boolean':
        return this.chance(0.5);
      case 'integer':
        return this.pick([low, high, low + this.below(high - low + 1)]);
      case 'number':
        return this.pick([this.next() * 100, -this.next(), 1e308, 5e-324, low, high]);
      case 'array':
        return Array.from({ length: this.below(4) }, () => this.like(shape.items, contract));
      case 'object':
        return Object.fromEntries(
          Object.entries(shape.properties)
            .filter(() => this.chance(0.8))
            .map(([name, member]) => [name, this.like(member, contract)]),
        );
      default:
        if (shape.format === 'date-time') {
          return new Date(this.below(2 ** 31) * 1000 + this.below(1000)).toISOString();
        }
        return this.pick([this.text(), 'D1', 'power', ...(shape.examples ?? [])]);
    }
  }
}
