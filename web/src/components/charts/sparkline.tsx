import { Box } from '@mui/material';
import { useId } from 'react';

interface SparklineProps {
  /** Ascending by time. */
  points: readonly (readonly [number, number])[];
  color: string;
  height?: number;
  /** Times at the left and right edge; those of the points when absent. */
  start?: number;
  end?: number;
  label: string;
  /** Always show zero: for rates. */
  fromZero?: boolean;
}

const kWidth = 240;

/** A small line without axes, as plain SVG: a dashboard has dozens of them. */
export function Sparkline(props: SparklineProps) {
  const { points, color, height = 44, label, fromZero = false } = props;
  const id = useId();
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return <Box sx={{ height }} aria-hidden />;

  const start = props.start ?? first[0];
  const span = Math.max((props.end ?? last[0]) - start, 1);
  const values = points.map(([, value]) => value);
  const low = fromZero ? Math.min(0, ...values) : Math.min(...values);
  const high = Math.max(...values);
  // A steady value is a line in the middle, not noise blown up to the full height.
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-9);
  const middle = (high + low) / 2;
  const base = fromZero ? low : middle - room / 2;
  const x = (time: number) => ((time - start) / span) * kWidth;
  const y = (value: number) => height - 3 - ((value - base) / room) * (height - 6);
  const line = points
    .map(
      ([time, value], index) => `${index ? 'L' : 'M'}${x(time).toFixed(1)} ${y(value).toFixed(1)}`,
    )
    .join('');

  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${kWidth} ${height}`}
      preserveAspectRatio="none"
      sx={{ display: 'block', width: '100%', height, color, overflow: 'visible' }}
    >
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="currentColor" stopOpacity="0.22" />
          <stop offset="1" stopColor="currentColor" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={`${line}L${x(last[0])} ${height}L${x(first[0])} ${height}Z`} fill={`url(#${id})`} />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinejoin="round"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </Box>
  );
}
