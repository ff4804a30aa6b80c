import type { Severity } from '@/lib/api/types';
import { breakGaps, extentOf } from '@/lib/series';
import { formatDateTime, zoneName } from '@/lib/time';
import { formatNumber, formatValue, scaleFor, type Scale } from '@/lib/units';
import type { ChartTheme } from './chart-theme';
import type { ChartOption, LineSeriesOption } from './echarts';

/** A span of time to be shaded, with the limit that was broken in it, where that is a value of the field. */
export interface ChartMark {
  start: number;
  end: number;
  severity: Severity;
  threshold?: number;
}

/** A limit that is drawn whether it was broken or not. */
export interface ChartLimit {
  threshold: number;
  severity: Severity;
}

export interface TimeSeries {
  label: string;
  unit: string;
  slot: number;
  points: readonly [number, number][];
  start: number;
  end: number;
  nominalMin?: number | null;
  nominalMax?: number | null;
  marks?: readonly ChartMark[];
  limits?: readonly ChartLimit[];
  /** Times under the lowest panel of a stack only. */
  showTimes: boolean;
  /** Stretches the axis to all thresholds, however far they are. */
  showLimits?: boolean;
}

const kAxisWidth = 52;

function markArea(series: TimeSeries, theme: ChartTheme): LineSeriesOption['markArea'] {
  // A short episode in a long range would be thinner than a pixel.
  const least = (series.end - series.start) / 600;
  return {
    silent: true,
    animation: false,
    data: (series.marks ?? []).map((mark) => [
      {
        xAxis: Math.max(mark.start, series.start),
        itemStyle: { color: theme.severity[mark.severity], opacity: 0.13 },
      },
      { xAxis: Math.min(Math.max(mark.end, mark.start + least), series.end) },
    ]),
  };
}

function limitsOf({ marks = [], limits = [] }: TimeSeries): ChartLimit[] {
  const broken = marks.flatMap(({ threshold, severity }) =>
    threshold === undefined ? [] : [{ threshold, severity }],
  );
  return [...broken, ...limits];
}

function markLine(series: TimeSeries, theme: ChartTheme): LineSeriesOption['markLine'] {
  const nominal = [series.nominalMin, series.nominalMax].filter(
    (limit) => typeof limit === 'number',
  );
  const thresholds = new Map(
    limitsOf(series).map(({ threshold, severity }) => [threshold, severity]),
  );
  const quiet = nominal.filter((limit) => !thresholds.has(limit));
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    label: { show: false },
    data: [
      ...quiet.map((yAxis) => ({
        yAxis,
        lineStyle: { color: theme.quiet, opacity: 0.45, type: [2, 4] as number[], width: 1 },
      })),
      ...[...thresholds].map(([yAxis, severity]) => ({
        yAxis,
        lineStyle: { color: theme.severity[severity], type: [5, 4] as number[], width: 1 },
      })),
    ],
  };
}

/** Room above and below the data; limits only pull the axis when the data is near them. */
function valueRange(series: TimeSeries): { min: number; max: number } {
  const extent = extentOf(series.points) ?? { min: 0, max: 1 };
  const size = Math.max(extent.max - extent.min, Math.abs(extent.max) * 0.01, 1e-3);
  let { min, max } = extent;
  for (const { threshold } of limitsOf(series)) {
    if (threshold > max && (series.showLimits || threshold - max < size)) max = threshold;
    if (threshold < min && (series.showLimits || min - threshold < size)) min = threshold;
  }
  const low = min - size * 0.12;
  return { min: min >= 0 && low < 0 ? 0 : low, max: max + size * 0.15 };
}

/** The scale of the value axis: its unit is the one to name beside the chart. */
export function axisScale(series: TimeSeries): Scale {
  const { min, max } = valueRange(series);
  return scaleFor(Math.max(Math.abs(min), Math.abs(max)), series.unit);
}

/** One line over time, with shaded alerts and limits. */
export function timeSeriesOption(series: TimeSeries, theme: ChartTheme): ChartOption {
  const color = theme.series(series.slot);
  const range = valueRange(series);
  const scale = axisScale(series);
  const step = (range.max - range.min) / scale.factor / 3;
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(step))));
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: {
      left: kAxisWidth,
      right: 12,
      top: 10,
      bottom: series.showTimes ? 24 : 8,
      outerBoundsMode: 'none',
    },
    tooltip: {
      trigger: 'axis',
      transitionDuration: 0,
      confine: true,
      padding: [6, 10],
      backgroundColor: theme.paper,
      borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 12, fontFamily: theme.font },
      axisPointer: { type: 'line', lineStyle: { color: theme.quiet, width: 1, type: 'solid' } },
      formatter: (parameters) => {
        const item = Array.isArray(parameters) ? parameters[0] : parameters;
        const [time, value] = (item?.value ?? []) as [number, number | null];
        const zone = `<span style="color:${theme.quiet}">${formatDateTime(time)} · ${zoneName()}</span>`;
        return `<b>${formatValue(value, series.unit)}</b><br>${zone}`;
      },
    },
    xAxis: {
      type: 'time',
      min: series.start,
      max: series.end,
      splitNumber: 6,
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      axisLabel: {
        show: series.showTimes,
        hideOverlap: true,
        color: theme.quiet,
        fontSize: 11,
        // Not the bold days and hours of the default: they shout.
        formatter: {
          year: '{yyyy}',
          month: '{d} {MMM}',
          day: '{d} {MMM}',
          hour: '{HH}:{mm}',
          minute: '{HH}:{mm}',
          second: '{HH}:{mm}:{ss}',
        },
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: range.min,
      max: range.max,
      splitNumber: 3,
      axisLabel: {
        color: theme.quiet,
        fontSize: 11,
        showMinLabel: false,
        showMaxLabel: false,
        formatter: (value: number) => formatNumber(value / scale.factor, decimals),
      },
      splitLine: { showMinLine: false, showMaxLine: false, lineStyle: { color: theme.line } },
    },
    series: [
      {
        type: 'line',
        name: series.label,
        data: breakGaps(series.points),
        showSymbol: false,
        symbol: 'circle',
        symbolSize: 7,
        lineStyle: { color, width: 1.6 },
        itemStyle: { color, borderColor: theme.paper, borderWidth: 2 },
        areaStyle: {
          origin: 'start',
          color: {
            type: 'linear',
            x: 0,
            y: 0,
            x2: 0,
            y2: 1,
            colorStops: [
              { offset: 0, color: `${color}2e` },
              { offset: 1, color: `${color}00` },
            ],
          },
        },
        emphasis: { disabled: true },
        markArea: markArea(series, theme),
        markLine: markLine(series, theme),
      },
    ],
  };
}
