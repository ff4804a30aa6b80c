// The examples in docs/api/openapi.yaml: all there, and each as its schema says. Needs no program.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Contract, kStatusOfCode } from './openapi.mjs';

const contract = new Contract();
// Bytes, of which a text would show nothing.
const kBinary = ['application/vnd.apache.arrow.stream', 'application/vnd.apache.parquet'];

describe('the examples of docs/api/openapi.yaml', () => {
  it('are as their schemas say', () => {
    const examples = [...contract.examples()];
    assert.ok(examples.length > 100, `only ${examples.length} found`);
    for (const { at, value, schemaAt } of examples) contract.hold(schemaAt, value, at.join(' '));
  });

  it('are there for every body and every answer', () => {
    const missing = contract.all.flatMap((operation) =>
      contract
        .bodies(operation)
        .filter(({ type, media }) => !kBinary.includes(type) && !('example' in media))
        .map(({ status, type }) => `${operation.id} ${status ?? 'request'} ${type}`),
    );
    assert.deepEqual(missing, []);
  });

  it('tell errors by the code that their status has', () => {
    for (const operation of contract.all) {
      for (const { status, media } of contract.bodies(operation)) {
        const code = media.example?.error?.code;
        if (!code || status === 'default') continue;
        assert.ok(kStatusOfCode[code]?.includes(Number(status)), `${operation.id} ${status}: ${code}`);
      }
    }
  });

  it('stand beside every error that an operation can answer', () => {
    for (const operation of contract.operations) {
      const needed = [];
      if (operation.secured) needed.push('401', '403');
      if (operation.body) needed.push('400', '413');
      if (operation.parameters.some(({ in: place }) => place === 'query')) needed.push('400');
      if (operation.parameters.some(({ in: place }) => place === 'path')) needed.push('404');
      if (operation.path.startsWith('/api/') && operation.id !== 'getOpenApi') needed.push('429');
      const missing = needed.filter((status) => !operation.statuses.includes(status));
      assert.deepEqual(missing, [], operation.id);
    }
  });
});
