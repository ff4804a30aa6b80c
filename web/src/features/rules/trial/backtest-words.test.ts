import { describe, expect, it } from 'vitest';
import type { BacktestVariant, RuleCreate } from '@/lib/api/types';
import { draftOfRule } from '../draft/rule-draft';
import { ruleOf } from '../draft/rule-request';
import { plainRule } from '../fixtures';
import { clearWords, daysOf, gridOf, holdWords, sameTrial } from './backtest-words';

const rule: RuleCreate = ruleOf(draftOfRule(plainRule), '');

const variant = (clear: number | null, hold: number): BacktestVariant => ({
  ...{ clear_threshold: clear, for_s: hold, as_drafted: clear === null && hold === 0 },
  ...{ episodes: hold + 1, suppressed: 0, alert_minutes: 1 },
});

describe('gridOf', () => {
  it('orders hysteresis from the threshold away, and durations upwards', () => {
    const variants = [variant(null, 0), variant(95, 60), variant(98, 0), variant(null, 60)];
    const grid = gridOf(variants, rule);
    expect(grid.clears).toEqual([null, 98, 95]);
    expect(grid.holds).toEqual([0, 60]);
    expect(grid.at(95, 60)?.episodes).toBe(61);
    expect(grid.at(95, 0)).toBeUndefined();
  });
});

describe('words', () => {
  it('tells where an episode ends and how long it must hold', () => {
    expect(clearWords(95, rule, 'W')).toBe('below 95\u00a0W');
    expect(clearWords(null, rule, 'W')).toBe('at the threshold');
    expect(holdWords(0)).toBe('at once');
    expect(holdWords(300)).toBe('5\u00a0min');
  });

  it('counts days, at least one', () => {
    const at = (start: string) => daysOf({ start, end: '2026-02-08T00:00:00Z' });
    expect(at('2026-02-01T00:00:00Z')).toBe(7);
    expect(at('2026-02-07T23:00:00Z')).toBe(1);
  });

  it('counts no days before the first reading', () => {
    const range = { start: '2026-02-01T00:00:00Z', end: '2026-02-08T00:00:00Z' };
    expect(daysOf(range, Date.parse('2026-02-05T00:00:00Z'))).toBe(3);
    expect(daysOf(range, Date.parse('2026-01-05T00:00:00Z'))).toBe(7);
  });
});

describe('sameTrial', () => {
  it('looks at what is judged, not at names', () => {
    expect(sameTrial(rule, { ...rule, name: 'Other', notification_channels: [] })).toBe(true);
    expect(sameTrial(rule, { ...rule, for_s: 60 })).toBe(false);
  });
});
