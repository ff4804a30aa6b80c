import { describe, expect, it } from 'vitest';
import type { Reading } from './api/types';
import { appendLive, breakGaps, extentOf, toPoints } from './series';

const everyTwoSeconds = (count: number, from = 0): [number, number][] =>
  Array.from({ length: count }, (_, index) => [from + index * 2_000, index]);

describe('toPoints', () => {
  it('leaves readings without the field out, but not zeros', () => {
    const readings: Reading[] = [
      { device_id: 'D1', timestamp: '1970-01-01T00:00:01Z', power: 0 },
      { device_id: 'D1', timestamp: '1970-01-01T00:00:02Z', voltage: 230 },
    ];
    expect(toPoints(readings, 'power')).toEqual([[1_000, 0]]);
  });
});

describe('appendLive', () => {
  it('counts a reading that is stored and live once', () => {
    expect(
      appendLive(
        [
          [1, 10],
          [2, 20],
        ],
        [
          [2, 21],
          [3, 30],
        ],
      ),
    ).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
  });
});

describe('breakGaps', () => {
  it('breaks the line in an outage only', () => {
    const points = [...everyTwoSeconds(5), ...everyTwoSeconds(5, 300_000)];
    const broken = breakGaps(points);
    expect(broken).toHaveLength(11);
    expect(broken[5]).toEqual([8_001, null]);
  });

  it('leaves a regular series as it is', () => {
    expect(breakGaps(everyTwoSeconds(20))).toEqual(everyTwoSeconds(20));
  });
});

describe('extentOf', () => {
  it('looks at the window only', () => {
    expect(extentOf(everyTwoSeconds(5), 2_000, 6_000)).toEqual({ min: 1, max: 3, mean: 2 });
    expect(extentOf([])).toBeNull();
  });
});
