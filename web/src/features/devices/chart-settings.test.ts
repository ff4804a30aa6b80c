import { describe, expect, it } from 'vitest';
import { kDay, kHour } from '@/lib/time';
import {
  describeHorizon,
  describeSource,
  readSettings,
  windowsFor,
  writeSettings,
} from './chart-settings';

const read = (text: string, spanMs = kDay) => readSettings(new URLSearchParams(text), spanMs);

describe('readSettings', () => {
  it('reads what writeSettings wrote, and keeps other parameters', () => {
    const settings = { fields: ['power'], by: { aggregate: 'max' as const, window: '1h' } };
    const search = writeSettings(new URLSearchParams('range=24h&agg=min'), settings);
    expect(search.get('range')).toBe('24h');
    expect(readSettings(search, kDay)).toEqual(settings);
  });

  it('shows all readings unless a known aggregate is asked for', () => {
    expect(read('')).toEqual({ fields: [], by: null });
    expect(read('agg=median&window=1h').by).toBeNull();
  });

  it('takes another window where the one asked for does not fit the range', () => {
    expect(read('agg=mean&window=day', kHour).by).toEqual({ aggregate: 'mean', window: '1m' });
    expect(read('agg=mean&window=10s', 365 * kDay).by?.window).toBe('week');
    expect(read('agg=mean', 1_000).by?.window).toBe('1m');
  });
});

describe('windowsFor', () => {
  it('offers no window longer than half the range, and not too many', () => {
    expect(windowsFor(kHour).map(({ value }) => value)).toEqual(['10s', '1m', '5m', '15m']);
    const year = windowsFor(365 * kDay).map(({ value }) => value);
    expect(year).toEqual(['6h', 'day', 'week', 'month']);
  });
});

describe('describeHorizon', () => {
  it('says from when on readings are complete, and nothing where they all are', () => {
    expect(describeHorizon('2026-02-07T12:00:00Z')).toMatch(
      /^Complete from .*2026.* retention period/,
    );
    expect(describeHorizon(undefined)).toBeNull();
  });
});

describe('describeSource', () => {
  it('names the source and the zone of calendar windows', () => {
    const by = { aggregate: 'mean' as const, window: 'day' };
    expect(describeSource('rollup_daily', by, false, 'UTC')).toBe(
      'Mean every day, from daily rollups · days and hours of UTC',
    );
    expect(describeSource('chunk_header', by, false, 'UTC')).toContain('from chunk summaries');
    expect(describeSource('raw', null, true, 'UTC')).toContain('peaks are kept');
    expect(describeSource('rollup_hourly', null, true, 'UTC')).toContain('hourly rollups');
  });
});
