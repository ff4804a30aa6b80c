import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { TimeRange } from '@/lib/time-range';
import { readSettings, writeSettings, type ChartSettings } from './chart-settings';

/** The settings in the URL; the same object until the URL changes, because queries and charts hang on it. */
export function useChartSettings(
  range: TimeRange,
): [ChartSettings, (change: Partial<ChartSettings>) => void] {
  const [search, setSearch] = useSearchParams();
  const spanMs = range.kind === 'fixed' ? range.end - range.start : range.spanMs;
  const settings = useMemo(() => readSettings(search, spanMs), [search, spanMs]);
  const change = useCallback(
    (next: Partial<ChartSettings>) => {
      setSearch((before) => writeSettings(before, { ...readSettings(before, spanMs), ...next }), {
        replace: true,
      });
    },
    [setSearch, spanMs],
  );
  return [settings, change];
}
