import { describe, expect, it } from 'vitest';
import { kMinute } from '@/lib/time';
import { describeDuration } from './alert-duration';

const start = Date.UTC(2026, 1, 7, 11, 26);
const at = (minutes: number) => new Date(start + minutes * kMinute).toISOString();
const episode = { created_at: at(0), last_seen_at: at(0), resolved_at: null };

describe('describeDuration', () => {
  it('counts an episode that goes on until now, not until its latest reading', () => {
    const now = start + 5 * kMinute;
    expect(describeDuration({ ...episode, status: 'open' }, now)).toBe('Open for 5\u00a0min');
    expect(describeDuration({ ...episode, status: 'acknowledged' }, now)).toBe(
      'Open for 5\u00a0min',
    );
  });

  it('ends with the resolution', () => {
    const resolved = { ...episode, status: 'resolved' as const, resolved_at: at(3) };
    expect(describeDuration(resolved, start + 60 * kMinute)).toBe('3\u00a0min');
  });

  it('ends with the latest reading when nothing was resolved', () => {
    const suppressed = { ...episode, status: 'suppressed' as const, last_seen_at: at(2) };
    expect(describeDuration(suppressed, start + 60 * kMinute)).toBe('2\u00a0min');
  });

  it('takes a start a little ahead of this clock for now', () => {
    expect(describeDuration({ ...episode, status: 'open' }, start - 2_000)).toBe(
      'Open for 0\u00a0s',
    );
  });
});
