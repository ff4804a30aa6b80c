import { describe, expect, it } from 'vitest';
import { readRange, recentRange, writeRange, type TimeRange } from './time-range';

const fixed: TimeRange = { kind: 'fixed', start: 1_770_000_000_000, end: 1_770_003_600_000 };

describe('readRange', () => {
  it.each([recentRange('6h'), recentRange('1y'), fixed])('reads what writeRange wrote', (range) => {
    expect(readRange(writeRange(new URLSearchParams(), range))).toEqual(range);
  });

  it.each(['range=year', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=x&to=y', ''])(
    'falls back to the last 15 minutes for "%s"',
    (text) => {
      expect(readRange(new URLSearchParams(text))).toEqual(recentRange('15m'));
    },
  );
});

describe('writeRange', () => {
  it('keeps other parameters and removes the former range', () => {
    const before = new URLSearchParams('tab=x&range=1h');
    const after = writeRange(before, fixed);
    expect(after.get('tab')).toBe('x');
    expect(after.has('range')).toBe(false);
    expect(before.get('range')).toBe('1h');
  });
});
