import { useMemo } from 'react';
import { useTelemetry, useWindows } from '@/lib/api/telemetry';
import { useNow } from '@/lib/hooks/use-now';
import { useLiveReadings } from '@/lib/live/hooks';
import { appendLive, toPoints } from '@/lib/series';
import { kSecond } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';
import type { ChartSettings } from './chart-settings';

const kMaxPoints = 1_200;
/** More than an hour at one reading a second; older ones are in the next fetch of stored readings. */
const kLivePoints = 4_000;
/** A moving window moves in steps of this share: finer ones would not be seen, only cost. */
const kStepShare = 1 / 900;

/** The window a range shows right now. */
function useWindow(range: TimeRange): { start: number; end: number } {
  const now = useNow();
  const step =
    range.kind === 'recent' ? Math.max(kSecond, Math.round(range.spanMs * kStepShare)) : 1;
  const end = range.kind === 'fixed' ? range.end : Math.ceil(now / step) * step;
  const start = range.kind === 'fixed' ? range.start : end - range.spanMs;
  return useMemo(() => ({ start, end }), [start, end]);
}

/**
 * Stored readings of a range and, while it is a recent one, the live readings after them; or, where the settings ask
 * for windows, their values.
 */
export function useChartData(deviceId: string, range: TimeRange, { fields, by }: ChartSettings) {
  const selected = useMemo(() => (fields.length > 0 ? [...fields] : undefined), [fields]);
  const readings = useTelemetry(
    deviceId,
    range,
    { maxPoints: kMaxPoints, fields: selected },
    by === null,
  );
  const windows = useWindows(deviceId, range, selected, by);
  const live = useLiveReadings(
    deviceId,
    kLivePoints,
    range.kind === 'recent' && by === null,
    () => void readings.refetch(),
  );
  const view = useWindow(range);
  const query = by === null ? readings : windows;
  const stored = query.data?.data;

  return useMemo(() => {
    const names = [...(query.data?.fields ?? [])];
    const shown = by === null ? live : [];
    const pointsOf = (field: string) =>
      appendLive(toPoints(stored ?? [], field), toPoints(shown, field)).filter(
        ([time]) => time >= view.start && time <= view.end + kSecond,
      );
    return { query, view, fields: names, pointsOf };
  }, [query, stored, live, view, by]);
}
