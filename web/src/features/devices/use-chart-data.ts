import { useMemo } from 'react';
import { useTelemetry } from '@/lib/api/telemetry';
import { useNow } from '@/lib/hooks/use-now';
import { useLiveReadings } from '@/lib/live/hooks';
import { appendLive, toPoints } from '@/lib/series';
import { kSecond } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';

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

/** Stored readings of a range and, while it is a recent one, the live readings after them. */
export function useChartData(deviceId: string, range: TimeRange) {
  const query = useTelemetry(deviceId, range, { maxPoints: kMaxPoints });
  const live = useLiveReadings(
    deviceId,
    kLivePoints,
    range.kind === 'recent',
    () => void query.refetch(),
  );
  const view = useWindow(range);
  const stored = query.data?.data;

  return useMemo(() => {
    const fields = [...(query.data?.fields ?? [])];
    const pointsOf = (field: string) =>
      appendLive(toPoints(stored ?? [], field), toPoints(live, field)).filter(
        ([time]) => time >= view.start && time <= view.end + kSecond,
      );
    return { query, view, fields, pointsOf };
  }, [query, stored, live, view]);
}
