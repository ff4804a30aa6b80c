import { useMemo } from 'react';
import { useTelemetry } from '@/lib/api/telemetry';
import type { Backtest } from '@/lib/api/types';
import { toPoints } from '@/lib/series';
import { parseTime } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';

/** More than a chart is wide. */
const kPoints = 900;

/** The readings of one field that a backtest looked at, thinned out for a chart. */
export function useHistory({ device_id: device, start, end }: Backtest, property: string) {
  const range = useMemo(
    (): TimeRange & { kind: 'fixed' } => ({
      kind: 'fixed',
      start: parseTime(start) ?? 0,
      end: parseTime(end) ?? 0,
    }),
    [start, end],
  );
  const query = useTelemetry(device, range, { fields: [property], maxPoints: kPoints });
  const data = query.data?.data;
  const points = useMemo(() => toPoints(data ?? [], property), [data, property]);
  return { range, query, points };
}
