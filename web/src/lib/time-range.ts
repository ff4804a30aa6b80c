import { formatDuration, formatShort, kDay, kHour, kMinute, parseTime } from './time';

export const kPresets = [
  { key: '15m', label: '15 min', spanMs: 15 * kMinute },
  { key: '1h', label: '1 h', spanMs: kHour },
  { key: '6h', label: '6 h', spanMs: 6 * kHour },
  { key: '24h', label: '24 h', spanMs: kDay },
  { key: '7d', label: '7 d', spanMs: 7 * kDay },
  { key: '30d', label: '30 d', spanMs: 30 * kDay },
  { key: '1y', label: '1 y', spanMs: 365 * kDay },
] as const;

export type PresetKey = (typeof kPresets)[number]['key'];

/** A recent range ends now and moves; a fixed one stays. */
export type TimeRange =
  | { kind: 'recent'; preset: PresetKey; spanMs: number }
  | { kind: 'fixed'; start: number; end: number };

const kDefault = kPresets[0];

export function recentRange(key: PresetKey): TimeRange {
  const preset = kPresets.find((candidate) => candidate.key === key) ?? kDefault;
  return { kind: 'recent', preset: preset.key, spanMs: preset.spanMs };
}

/** Reads `range=1h` or `from=…&to=…`; anything else is the default, because a link may be old or cut. */
export function readRange(search: URLSearchParams): TimeRange {
  const start = parseTime(search.get('from'));
  const end = parseTime(search.get('to'));
  if (start !== null && end !== null && start < end) return { kind: 'fixed', start, end };
  const preset = kPresets.find((candidate) => candidate.key === search.get('range')) ?? kDefault;
  return recentRange(preset.key);
}

/** The inverse of readRange; keeps the other parameters. */
export function writeRange(search: URLSearchParams, range: TimeRange): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ['range', 'from', 'to']) next.delete(name);
  if (range.kind === 'recent') {
    next.set('range', range.preset);
  } else {
    next.set('from', new Date(range.start).toISOString());
    next.set('to', new Date(range.end).toISOString());
  }
  return next;
}

export function describeRange(range: TimeRange): string {
  if (range.kind === 'recent') return `Last ${formatDuration(range.spanMs, 1)}`;
  return `${formatShort(range.start)} – ${formatShort(range.end)}`;
}
