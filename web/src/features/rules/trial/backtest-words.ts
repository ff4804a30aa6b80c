import type { Backtest, BacktestVariant, RuleCreate } from '@/lib/api/types';
import { clearSide } from '@/lib/conditions';
import { formatDuration, kDay, kMinute, kSecond, parseTime } from '@/lib/time';
import { formatPlain } from '@/lib/units';

/** Days from the first reading (the time of it; nothing where there is none) to the end, at least one. */
export function daysOf({ start, end }: Pick<Backtest, 'start' | 'end'>, first?: number): number {
  const from = Math.max(parseTime(start) ?? 0, first ?? 0);
  return Math.max(1, ((parseTime(end) ?? 0) - from) / kDay);
}

export const minutesWords = (minutes: number) => formatDuration(minutes * kMinute, 2);

/** What a share of the variants have in common: `below 95 W`, `at the threshold`. */
export function clearWords(clear: number | null, rule: RuleCreate, unit: string): string {
  const first = rule.conditions[0];
  const side = first ? clearSide(first.operator) : null;
  if (clear === null || side === null) return 'at the threshold';
  return `${side} ${formatPlain(clear, unit)}`;
}

export const holdWords = (seconds: number) =>
  seconds === 0 ? 'at once' : formatDuration(seconds * kSecond, 2);

export interface VariantGrid {
  /** From the threshold away. */
  clears: (number | null)[];
  /** Ascending, in seconds. */
  holds: number[];
  at: (clear: number | null, hold: number) => BacktestVariant | undefined;
}

/** The variants as a table of hysteresis by duration. */
export function gridOf(variants: readonly BacktestVariant[], rule: RuleCreate): VariantGrid {
  const threshold = rule.conditions[0]?.threshold ?? 0;
  const distance = (clear: number | null) => (clear === null ? -1 : Math.abs(clear - threshold));
  const clears = [...new Set(variants.map((one) => one.clear_threshold))];
  const holds = [...new Set(variants.map((one) => one.for_s))];
  return {
    clears: clears.sort((a, b) => distance(a) - distance(b)),
    holds: holds.sort((a, b) => a - b),
    at: (clear, hold) =>
      variants.find((one) => one.clear_threshold === clear && one.for_s === hold),
  };
}

/** Whether two rules would be answered alike: names and recipients change nothing. */
export function sameTrial(a: RuleCreate, b: RuleCreate): boolean {
  const judged = (rule: RuleCreate) => ({
    ...{ conditions: rule.conditions, join: rule.join, levels: rule.levels },
    ...{ for_s: rule.for_s, clear_for_s: rule.clear_for_s, schedule: rule.schedule },
    ...{ severity: rule.severity, cooldown: rule.cooldown_minutes, end: rule.auto_resolve },
  });
  return JSON.stringify(judged(a)) === JSON.stringify(judged(b));
}
