import { Box, LinearProgress, Skeleton, Typography } from '@mui/material';
import { ChartSpline } from 'lucide-react';
import { useMemo } from 'react';
import { TimeSeriesChart } from '@/components/charts/time-series-chart';
import { axisScale, type ChartMark, type TimeSeries } from '@/components/charts/time-series-option';
import { Panel } from '@/components/ui/panel';
import { ErrorState, StateMessage } from '@/components/ui/states';
import type { Alert } from '@/lib/api/types';
import { describeFields, type FieldInfo } from '@/lib/fields';
import { extentOf } from '@/lib/series';
import { parseTime, zoneName } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';
import { formatValue } from '@/lib/units';
import { describeSource, isComparable, type ChartSettings } from './chart-settings';
import { ChartToolbar } from './chart-toolbar';
import { Horizon } from './horizon';
import { RangePicker } from './range-picker';
import { useChartData } from './use-chart-data';

interface FieldChartsProps {
  deviceId: string;
  fields: readonly FieldInfo[];
  alerts: readonly Alert[];
  range: TimeRange;
  onRange: (range: TimeRange) => void;
  settings: ChartSettings;
  onSettings: (change: Partial<ChartSettings>) => void;
}

const kPanelHeight = 132;
const kTimesHeight = 16;

/** Episodes that touch the window; an open one lasts until now. */
function marksOf(alerts: readonly Alert[], field: string, start: number, end: number): ChartMark[] {
  return alerts
    .filter((alert) => alert.property === field && alert.status !== 'suppressed')
    .map((alert) => ({
      start: parseTime(alert.created_at) ?? end,
      end: parseTime(alert.resolved_at) ?? end,
      severity: alert.severity,
      threshold: alert.threshold_value,
    }))
    .filter((mark) => mark.end >= start && mark.start <= end);
}

/** Thinned points are the peaks of the stored ones: least and greatest stay true, their mean does not. */
function Statistics({ series, thinned }: { series: TimeSeries; thinned: boolean }) {
  const extent = extentOf(series.points);
  if (!extent) return null;
  const entries: [name: string, value: number][] = [['min', extent.min]];
  if (!thinned) entries.push(['avg', extent.mean]);
  entries.push(['max', extent.max]);
  return (
    <Box
      className="numeric"
      sx={{
        display: 'flex',
        gap: { xs: 1.25, sm: 2 },
        width: { xs: '100%', sm: 'auto' },
        color: 'text.secondary',
      }}
    >
      {entries.map(([name, value]) => (
        <Typography key={name} variant="caption" noWrap>
          {name}{' '}
          <Box component="span" sx={{ color: 'text.primary', fontWeight: 560 }}>
            {formatValue(value, series.unit)}
          </Box>
        </Typography>
      ))}
    </Box>
  );
}

function FieldChart(props: {
  field: FieldInfo;
  series: TimeSeries;
  thinned: boolean;
  group: string;
  onSelectRange: (start: number, end: number) => void;
}) {
  const { field, series, thinned, group, onSelectRange } = props;
  const { unit } = axisScale(series);
  return (
    <Box sx={{ pt: 1.5, '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' } }}>
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', columnGap: 1, px: 2 }}>
        <Box
          aria-hidden
          sx={{ width: 8, height: 8, borderRadius: 0.25, bgcolor: `series.s${field.slot}` }}
        />
        <Typography variant="h3" component="h3" sx={{ flex: 1 }}>
          {field.label}
          {unit !== '' && (
            <Box component="span" sx={{ color: 'text.secondary', fontWeight: 480 }}>
              {' '}
              {unit}
            </Box>
          )}
        </Typography>
        <Statistics series={series} thinned={thinned} />
      </Box>
      <TimeSeriesChart
        field={field.name}
        series={series}
        height={kPanelHeight + (series.showTimes ? kTimesHeight : 0)}
        group={group}
        onSelectRange={onSelectRange}
      />
    </Box>
  );
}

/** One chart a field, stacked over one time axis; dragging over one of them selects a range. */
export function FieldCharts(props: FieldChartsProps) {
  const { deviceId, fields, alerts, range, onRange, settings, onSettings } = props;
  const { by, fields: chosen } = settings;
  const { query, view, fields: stored, pointsOf } = useChartData(deviceId, range, settings);
  const units = query.data?.units;
  const thinned = query.data?.downsampled ?? false;
  const source = query.data?.source;

  const charts = useMemo(() => {
    const known = new Set(fields.map((field) => field.name));
    const others = describeFields(
      [],
      stored.filter((name) => !known.has(name)),
      units,
    );
    const all = [...fields, ...others].filter(
      ({ name }) => chosen.length === 0 || chosen.includes(name),
    );
    const comparable = isComparable(by);
    return all.map((field, index) => ({
      field,
      series: {
        label: field.label,
        // A count has none, an integral another one.
        unit: by ? (units?.[field.name] ?? '') : field.unit,
        slot: field.slot,
        points: pointsOf(field.name),
        ...view,
        nominalMin: comparable ? field.nominalMin : null,
        nominalMax: comparable ? field.nominalMax : null,
        marks: comparable ? marksOf(alerts, field.name, view.start, view.end) : [],
        showTimes: index === all.length - 1,
      } satisfies TimeSeries,
    }));
  }, [fields, stored, units, pointsOf, alerts, view, by, chosen]);

  const empty = charts.every(({ series }) => series.points.length === 0);

  function content() {
    if (query.isError && !query.data) {
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (query.isPending) {
      return (
        <Box sx={{ display: 'grid', gap: 2, p: 2 }}>
          {[0, 1, 2, 3].map((key) => (
            <Skeleton key={key} variant="rounded" height={kPanelHeight} />
          ))}
        </Box>
      );
    }
    if (empty) {
      return (
        <StateMessage
          icon={ChartSpline}
          title="No readings in this range"
          text={
            range.kind === 'recent'
              ? 'Readings appear here the moment they arrive. A longer range may hold older ones.'
              : 'Choose another range, or go live to follow new readings.'
          }
        />
      );
    }
    return charts.map(({ field, series }) => (
      <FieldChart
        key={field.name}
        field={field}
        series={series}
        thinned={thinned || by !== null}
        group={`device-${deviceId}`}
        onSelectRange={(start, end) => {
          onRange({ kind: 'fixed', start, end });
        }}
      />
    ));
  }

  return (
    <Panel
      flush
      title="Readings"
      subtitle={source && describeSource(source, by, thinned, zoneName())}
      actions={<RangePicker range={range} view={view} onChange={onRange} />}
    >
      <ChartToolbar
        deviceId={deviceId}
        range={range}
        fields={fields}
        settings={settings}
        onSettings={onSettings}
      />
      <Box sx={{ height: 2 }}>
        {query.isPlaceholderData && <LinearProgress sx={{ height: 2 }} aria-label="Loading" />}
      </Box>
      <Horizon completeFrom={query.data?.complete_from} testId="horizon" />
      <Box sx={{ borderTop: 1, borderColor: 'line', pb: 1 }}>{content()}</Box>
    </Panel>
  );
}
