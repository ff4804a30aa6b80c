import { describe, expect, it } from 'vitest';
import {
  formatDateTime,
  formatDuration,
  formatRelative,
  formatWithZone,
  fromLocalInput,
  kDay,
  kHour,
  kMinute,
  parseTime,
  toLocalInput,
} from './time';

describe('parseTime', () => {
  it('reads offsets and nanoseconds', () => {
    expect(parseTime('2026-02-07T12:26:00.123456789+01:00')).toBe(
      Date.UTC(2026, 1, 7, 11, 26, 0, 123),
    );
  });

  it.each([null, undefined, '', 'yesterday'])('gives null for %s', (text) => {
    expect(parseTime(text)).toBeNull();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0\u00a0s'],
    [12_400, '12\u00a0s'],
    [61_000, '1\u00a0min 1\u00a0s'],
    [3 * kDay + 4 * kHour + kMinute, '3\u00a0d 4\u00a0h'],
    [2 * kHour, '2\u00a0h'],
    [-5, '0\u00a0s'],
  ])('shows %d ms as %s', (duration, text) => {
    expect(formatDuration(duration)).toBe(text);
  });

  it('does not skip over a zero to smaller units', () => {
    expect(formatDuration(kDay + 5_000)).toBe('1\u00a0d');
  });
});

describe('formatRelative', () => {
  const now = Date.UTC(2026, 1, 7, 12);

  it('counts back', () => {
    expect(formatRelative(now - 12_000, now)).toBe('12\u00a0s ago');
    expect(formatRelative(now - 2 * kHour - kMinute, now)).toBe('2\u00a0h ago');
  });

  it('takes a clock that is a little ahead for the present', () => {
    expect(formatRelative(now + 3_000, now)).toBe('just now');
    expect(formatRelative(now + kHour, now)).toBe('in 1\u00a0h');
  });
});

describe('absolute times', () => {
  const time = Date.UTC(2026, 1, 7, 11, 26);

  it('are in the zone asked for, and name it', () => {
    expect(formatDateTime(time, 'Asia/Tokyo')).toBe('7 Feb 2026, 20:26:00');
    expect(formatWithZone(time, 'Asia/Tokyo')).toBe('7 Feb 2026, 20:26:00 (Asia/Tokyo)');
  });

  it('survive a date input', () => {
    expect(fromLocalInput(toLocalInput(time))).toBe(time);
    expect(fromLocalInput('')).toBeNull();
  });
});
