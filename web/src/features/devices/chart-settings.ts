import type { Windowing } from '@/lib/api/telemetry';
import type { Aggregate, QuerySource } from '@/lib/api/types';
import { formatDateTime, kDay, kHour, kMinute, parseTime } from '@/lib/time';

export const kAggregates: readonly { value: Aggregate; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
  { value: 'p50', label: 'Median' },
  { value: 'p95', label: '95th percentile' },
  { value: 'p99', label: '99th percentile' },
  { value: 'stddev', label: 'Standard deviation' },
  { value: 'spread', label: 'Spread' },
  { value: 'time_weighted_mean', label: 'Time-weighted mean' },
  { value: 'integral', label: 'Integral over time' },
  { value: 'sum', label: 'Sum' },
  { value: 'count', label: 'Count of readings' },
  { value: 'first', label: 'First' },
  { value: 'last', label: 'Last' },
];

export const kWindows: readonly { value: string; label: string; spanMs: number }[] = [
  { value: '10s', label: '10 s', spanMs: 10_000 },
  { value: '1m', label: '1 min', spanMs: kMinute },
  { value: '5m', label: '5 min', spanMs: 5 * kMinute },
  { value: '15m', label: '15 min', spanMs: 15 * kMinute },
  { value: '1h', label: '1 h', spanMs: kHour },
  { value: '6h', label: '6 h', spanMs: 6 * kHour },
  { value: 'day', label: 'day', spanMs: kDay },
  { value: 'week', label: 'week', spanMs: 7 * kDay },
  { value: 'month', label: 'month', spanMs: 30 * kDay },
];

/** More windows than this are no clearer on a screen than readings. */
const kMostWindows = 2_000;
/** About as many as the window that is chosen when none is asked for. */
const kFineWindows = 200;

/** Windows that make sense for a range of this length, from short to long. */
export function windowsFor(spanMs: number) {
  return kWindows.filter(
    (window) => spanMs / window.spanMs <= kMostWindows && spanMs / window.spanMs >= 2,
  );
}

/** What the charts of a device show. */
export interface ChartSettings {
  /** Empty: all. */
  fields: readonly string[];
  /** Null: the readings themselves. */
  by: Windowing | null;
}

/** Reads `fields=a,b`, `agg=mean`, `window=1h`; what does not fit is left out, because a link may be old or cut. */
export function readSettings(search: URLSearchParams, spanMs: number): ChartSettings {
  const fields = (search.get('fields') ?? '').split(',').filter(Boolean);
  const aggregate = kAggregates.find(({ value }) => value === search.get('agg'))?.value;
  if (aggregate === undefined) return { fields, by: null };
  const fitting = windowsFor(spanMs);
  const asked = fitting.find(({ value }) => value === search.get('window'));
  const chosen = asked ?? fitting.find((window) => spanMs / window.spanMs <= kFineWindows);
  return { fields, by: { aggregate, window: chosen?.value ?? '1m' } };
}

/** The inverse of readSettings; keeps the other parameters. */
export function writeSettings(search: URLSearchParams, settings: ChartSettings): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ['fields', 'agg', 'window']) next.delete(name);
  if (settings.fields.length > 0) next.set('fields', settings.fields.join(','));
  if (settings.by) {
    next.set('agg', settings.by.aggregate);
    if (settings.by.window !== '') next.set('window', settings.by.window);
  }
  return next;
}

/** Aggregates that are values of the field, which its limits can be drawn beside. */
const kComparable = new Set<Aggregate>([
  ...(['mean', 'min', 'max', 'p50', 'p95', 'p99', 'time_weighted_mean', 'first', 'last'] as const),
]);

export const isComparable = (by: Windowing | null) => by === null || kComparable.has(by.aggregate);

const kSources: Record<QuerySource, string> = {
  raw: 'readings',
  chunk_header: 'chunk summaries',
  rollup_hourly: 'hourly rollups',
  rollup_daily: 'daily rollups',
};

/** Where what is drawn comes from, in a line. */
export function describeSource(
  source: QuerySource,
  by: Windowing | null,
  thinned: boolean,
  zone: string,
): string {
  if (by) {
    const label = kAggregates.find(({ value }) => value === by.aggregate)?.label ?? by.aggregate;
    const window = kWindows.find(({ value }) => value === by.window)?.label ?? by.window;
    return `${label} every ${window}, from ${kSources[source]} · days and hours of ${zone}`;
  }
  if (source !== 'raw') return `Least and greatest values from ${kSources[source]}`;
  return thinned ? 'From readings, thinned out for this range; peaks are kept' : 'All readings';
}

/** What a chart or table says when its range begins before what is still stored; null when nothing is missing. */
export function describeHorizon(completeFrom: string | undefined): string | null {
  const from = parseTime(completeFrom);
  if (from === null) return null;
  return `Complete from ${formatDateTime(from)} on: what is older has passed its retention period and may be deleted`;
}
