import { Skeleton } from '@mui/material';
import { useMemo } from 'react';
import type { ChartLimit, TimeSeries } from '@/components/charts/time-series-option';
import { TimeSeriesChart } from '@/components/charts/time-series-chart';
import { ErrorState } from '@/components/ui/states';
import type { Backtest, RuleCreate } from '@/lib/api/types';
import { describeFields } from '@/lib/fields';
import type { UnitOf } from '@/lib/rule-sentence';
import { parseTime } from '@/lib/time';
import { useHistory } from './use-history';

const kHeight = 190;

/** The thresholds that stand on the same scale as the readings. */
function limitsOf(rule: RuleCreate): ChartLimit[] {
  const first = rule.conditions[0];
  if (!first) return [];
  const onScale =
    first.kind === 'threshold' ||
    (first.kind === 'aggregate' && ['mean', 'min', 'max'].includes(first.aggregate ?? ''));
  if (!onScale) return [];
  const { threshold } = first;
  return [{ threshold, severity: rule.severity }, ...rule.levels];
}

interface BacktestChartProps {
  result: Backtest;
  /** As it was tried. */
  rule: RuleCreate;
  unitOf: UnitOf;
}

/** The history of the first condition's field, with the episodes shaded over it. */
export function BacktestChart({ result, rule, unitOf }: BacktestChartProps) {
  const { episodes } = result;
  const property = rule.conditions[0]?.property ?? '';
  const { range, query, points } = useHistory(result, property);
  const series = useMemo((): TimeSeries => {
    const field = describeFields([], [property])[0];
    return {
      label: field?.label ?? property,
      unit: unitOf(property),
      slot: field?.slot ?? 0,
      points,
      start: range.start,
      end: range.end,
      marks: episodes.map((episode) => ({
        start: parseTime(episode.start) ?? range.start,
        end: parseTime(episode.end) ?? range.end,
        severity: episode.severity,
      })),
      limits: limitsOf(rule),
      showTimes: true,
      showLimits: true,
    };
  }, [points, episodes, property, range, rule, unitOf]);

  if (query.isPending) return <Skeleton variant="rounded" height={kHeight} />;
  if (query.isError && !query.data) {
    return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <TimeSeriesChart field={property} series={series} height={kHeight} />;
}
