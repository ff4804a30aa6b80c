import { Box } from '@mui/material';
import { useMemo, useRef } from 'react';
import { Chart } from './chart';
import { useChartTheme } from './chart-theme';
import type { ECharts } from './echarts';
import { timeSeriesOption, type TimeSeries } from './time-series-option';
import { useDragRange } from './use-drag-range';

interface TimeSeriesChartProps {
  /** Names the chart for tests: `chart-<field>`. */
  field: string;
  series: TimeSeries;
  height: number;
  group?: string;
  onSelectRange?: (start: number, end: number) => void;
}

const kIgnore = () => undefined;

/** One field over time. `data-points` and `data-last` say what is drawn, for tests. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { field, series, height, group, onSelectRange } = props;
  const theme = useChartTheme();
  const chart = useRef<ECharts | null>(null);
  const option = useMemo(() => timeSeriesOption(series, theme), [series, theme]);
  const { selection, handlers } = useDragRange(chart, onSelectRange ?? kIgnore);
  const last = series.points.at(-1)?.[0];

  return (
    <Box
      data-testid={`chart-${field}`}
      data-points={series.points.length}
      data-last={last === undefined ? '' : new Date(last).toISOString()}
      sx={{ position: 'relative', touchAction: 'pan-y' }}
      {...(onSelectRange ? handlers : {})}
    >
      <Chart
        option={option}
        height={height}
        group={group}
        chartRef={chart}
        label={`${series.label} over time, ${series.points.length} points`}
      />
      {selection && (
        <Box
          sx={{
            position: 'absolute',
            top: 10,
            bottom: series.showTimes ? 24 : 8,
            left: selection.left,
            width: selection.width,
            bgcolor: 'primary.main',
            opacity: 0.16,
            pointerEvents: 'none',
          }}
        />
      )}
    </Box>
  );
}
