import { describe, expect, it } from 'vitest';
import { prettyPayload } from './payload';

describe('prettyPayload', () => {
  it.each([
    '{"voltage":231.5,"tags":["a","b"],"nested":{"ok":true,"none":null}}',
    ' [ 1 , {"a" : -2000} , [ ] , { } ] ',
    '"only a text, with {brackets}: and \\"quotes\\""',
    '{}',
  ])('indents %s as JSON.stringify does', (text) => {
    expect(prettyPayload(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  it('keeps what JSON.parse would lose', () => {
    expect(prettyPayload('{"a":1.0,"a":12345678901234567890,"b":1e999}')).toBe(
      '{\n  "a": 1.0,\n  "a": 12345678901234567890,\n  "b": 1e999\n}',
    );
  });

  it('leaves other texts as they are', () => {
    expect(prettyPayload('{"voltage": 231,')).toBe('{"voltage": 231,');
    expect(prettyPayload('voltage=231 ; off')).toBe('voltage=231 ; off');
    expect(prettyPayload('')).toBe('');
  });

  it('does not let deep nesting blow up', () => {
    const depth = 2_000;
    const text = '['.repeat(depth) + ']'.repeat(depth);
    expect(prettyPayload(text).length).toBeLessThan(depth * 2 * 60);
  });
});
