import { describe, expect, it } from 'vitest';
import { durationText, secondsOf } from './duration';

describe('secondsOf', () => {
  it.each([
    ['2', 'min', 120],
    ['1,5', 'h', 5_400],
    ['', 'd', 0],
    ['-1', 's', null],
    ['soon', 'min', null],
  ] as const)('reads "%s" %s as %s', (amount, unit, seconds) => {
    expect(secondsOf({ amount, unit })).toBe(seconds);
  });
});

describe('durationText', () => {
  it.each([
    [0, '', 'min'],
    [45, '45', 's'],
    [90, '90', 's'],
    [120, '2', 'min'],
    [86_400, '1', 'd'],
  ] as const)('writes %s s as "%s" %s', (seconds, amount, unit) => {
    expect(durationText(seconds)).toEqual({ amount, unit });
  });
});
