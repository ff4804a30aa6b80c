import { Skeleton } from '@mui/material';
import { useMemo } from 'react';
import { TimeSeriesChart } from '@/components/charts/time-series-chart';
import type { TimeSeries } from '@/components/charts/time-series-option';
import { ErrorState } from '@/components/ui/states';
import { useTelemetry } from '@/lib/api/telemetry';
import type { AlertDetail } from '@/lib/api/types';
import { describeFields } from '@/lib/fields';
import { toPoints } from '@/lib/series';
import { kMinute, parseTime } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';

const kPoints = 600;
const kHeight = 200;
const kLeastPadMs = 5 * kMinute;
/** An episode that goes on would otherwise ask for a new range with every reading. */
const kStepMs = kMinute;

/** The episode with as much again around it. */
function useAround(alert: AlertDetail): TimeRange & { kind: 'fixed' } {
  const begin = parseTime(alert.created_at) ?? 0;
  const last = parseTime(alert.resolved_at) ?? parseTime(alert.last_seen_at) ?? begin;
  const end = Math.ceil(last / kStepMs) * kStepMs;
  return useMemo(() => {
    const pad = Math.max((end - begin) / 2, kLeastPadMs);
    return { kind: 'fixed', start: begin - pad, end: end + pad };
  }, [begin, end]);
}

/** Whether the threshold is a value of the field: not seconds of silence, a change, or a count. */
function comparesValues({ rule, property }: AlertDetail): boolean {
  const kinds = rule?.conditions.filter((condition) => condition.property === property) ?? [];
  return kinds.every(
    ({ kind, aggregate }) =>
      kind === 'threshold' ||
      (kind === 'aggregate' && ['mean', 'min', 'max'].includes(aggregate ?? '')),
  );
}

export function AlertChart({ alert }: { alert: AlertDetail }) {
  const range = useAround(alert);
  const query = useTelemetry(alert.device_id, range, {
    fields: [alert.property],
    maxPoints: kPoints,
  });
  const data = query.data?.data;
  const { created_at, resolved_at, last_seen_at, severity, property } = alert;
  const threshold = comparesValues(alert) ? (alert.threshold_value ?? undefined) : undefined;
  const series = useMemo((): TimeSeries => {
    const field = describeFields([], [property])[0];
    const begin = parseTime(created_at) ?? range.start;
    return {
      label: field?.label ?? property,
      unit: alert.unit ?? '',
      slot: field?.slot ?? 0,
      points: toPoints(data ?? [], property),
      start: range.start,
      end: range.end,
      marks: [
        {
          start: begin,
          end: parseTime(resolved_at) ?? parseTime(last_seen_at) ?? begin,
          severity,
          threshold,
        },
      ],
      showTimes: true,
      showLimits: true,
    };
  }, [
    data,
    range,
    property,
    alert.unit,
    created_at,
    resolved_at,
    last_seen_at,
    severity,
    threshold,
  ]);

  if (query.isPending) return <Skeleton variant="rounded" height={kHeight} />;
  if (query.isError && !data) {
    return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <TimeSeriesChart field={property} series={series} height={kHeight} />;
}
