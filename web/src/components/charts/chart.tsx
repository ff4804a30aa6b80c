import { Box } from '@mui/material';
import { useEffect, useRef, type RefObject } from 'react';
import { connect, init, type ChartOption, type ECharts } from './echarts';

interface ChartProps {
  option: ChartOption;
  height: number;
  label: string;
  /** Charts of one group share their crosshair. */
  group?: string;
  /** Set to the chart while it is on the page. */
  chartRef?: RefObject<ECharts | null>;
}

/** Owns the life cycle of one ECharts instance: creation, size, updates, disposal. */
export function Chart({ option, height, label, group, chartRef }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const instance = init(element, undefined, { renderer: 'canvas' });
    chart.current = instance;
    if (chartRef) chartRef.current = instance;
    if (group !== undefined) {
      instance.group = group;
      connect(group);
    }
    const observer = new ResizeObserver(() => {
      instance.resize();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      instance.dispose();
      chart.current = null;
      if (chartRef) chartRef.current = null;
    };
  }, [group, chartRef]);

  useEffect(() => {
    chart.current?.setOption(option, { replaceMerge: ['series'], lazyUpdate: true });
  }, [option]);

  return <Box ref={host} role="img" aria-label={label} sx={{ width: '100%', height }} />;
}
