import { describe, expect, it } from 'vitest';
import { addressOf, operationsOf, sample, typeText, type Document } from './openapi';

const kDocument: Document = {
  info: { title: 'T', version: '1' },
  paths: {
    '/things/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      put: {
        operationId: 'putThing',
        tags: ['things'],
        parameters: [{ $ref: '#/components/parameters/Page' }],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
        },
        responses: { 200: { description: 'Done.' } },
      },
    },
  },
  components: {
    parameters: { Page: { name: 'page', in: 'query', schema: { type: 'integer' } } },
    schemas: {
      Base: { type: 'object', properties: { id: { type: 'string', examples: ['T1'] } } },
      Thing: {
        allOf: [
          { $ref: '#/components/schemas/Base' },
          {
            properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/Base' } } },
          },
        ],
      },
    },
  },
};

describe('an OpenAPI document', () => {
  const [operation] = operationsOf(kDocument);
  if (!operation) throw new Error('no operation');

  it('gives operations with shared and referenced parameters and an example body', () => {
    expect(operation.parameters.map(({ name }) => name)).toEqual(['id', 'page']);
    expect(JSON.parse(operation.body?.example ?? '')).toEqual({ id: 'T1', parts: [{ id: 'T1' }] });
  });

  it('makes addresses', () => {
    expect(addressOf(operation, { id: 'a/b', page: '' })).toBe('/things/a%2Fb');
    expect(addressOf(operation, { id: 'a', page: '2' })).toBe('/things/a?page=2');
  });

  it('names types and makes values of them', () => {
    expect(typeText(kDocument, { type: ['string', 'null'] })).toBe('text or null');
    expect(
      typeText(kDocument, { type: 'array', items: { $ref: '#/components/schemas/Base' } }),
    ).toBe('list of Base');
    expect(sample(kDocument, { type: 'integer', minimum: 3 })).toBe(3);
  });
});
