import { describe, expect, it } from 'vitest';
import { differences, shown } from './difference';

describe('differences', () => {
  it('names members that differ, within objects too, without noise', () => {
    const before = { id: 'D1', version: 1, status: 'active', metadata: { line: 3, hall: 'A' } };
    const after = { id: 'D1', version: 2, status: 'maintenance', metadata: { line: 4, hall: 'A' } };
    expect(differences(before, after)).toEqual([
      { path: 'status', before: 'active', after: 'maintenance' },
      { path: 'metadata.line', before: 3, after: 4 },
    ]);
  });

  it('shows all of what was made and of what is gone', () => {
    expect(differences(null, { id: 'D1', tags: ['a'] })).toEqual([
      { path: 'id', before: undefined, after: 'D1' },
      { path: 'tags', before: undefined, after: ['a'] },
    ]);
    expect(differences({ id: 'D1' }, null)).toEqual([
      { path: 'id', before: 'D1', after: undefined },
    ]);
  });

  it('finds none between equal states', () => {
    expect(differences({ a: [1] }, { a: [1] })).toEqual([]);
  });
});

describe('shown', () => {
  it('leaves texts as they are and writes the rest as JSON', () => {
    expect([shown('a'), shown(['a']), shown(0), shown(null)]).toEqual([
      'a',
      '["a"]',
      '0',
      undefined,
    ]);
  });
});
