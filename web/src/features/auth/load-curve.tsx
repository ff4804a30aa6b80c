import { Box } from '@mui/material';

const kWidth = 900;
const kHeight = 900;
const kSteps = 96;

/** Share of the peak over a working day: base load, morning ramp, a dip at noon, evening. */
function load(hour: number): number {
  const bump = (centre: number, width: number) => Math.exp(-(((hour - centre) / width) ** 2));
  return 0.2 + 0.62 * bump(10, 2.6) + 0.5 * bump(15, 2.4) + 0.36 * bump(19.5, 2);
}

/** `noise` sets one of the stacked loads apart from the others. */
function curve(share: number, noise: number): string {
  return Array.from({ length: kSteps + 1 }, (_, index) => {
    const hour = (index / kSteps) * 24;
    const ripple = 0.015 * Math.sin(hour * 2.1 + noise) + 0.01 * Math.sin(hour * 5.3 + noise * 2);
    const y = kHeight * (0.93 - share * 0.6 * (load(hour) + ripple));
    return `${index ? 'L' : 'M'}${((index / kSteps) * kWidth).toFixed(1)} ${y.toFixed(1)}`;
  }).join('');
}

const kCurves = [
  { share: 1, noise: 0.4, opacity: 0.1 },
  { share: 0.72, noise: 2.3, opacity: 0.12 },
  { share: 0.46, noise: 4.1, opacity: 0.15 },
  { share: 0.24, noise: 5.6, opacity: 0.2 },
];

/** Decoration: stacked daily load curves. */
export function LoadCurve() {
  return (
    <Box
      aria-hidden
      sx={{
        display: { xs: 'none', md: 'block' },
        position: 'relative',
        overflow: 'hidden',
        background: 'linear-gradient(160deg, #0d4f40 0%, #0a3a30 55%, #072a23 100%)',
      }}
    >
      <Box
        component="svg"
        viewBox={`0 0 ${kWidth} ${kHeight}`}
        preserveAspectRatio="none"
        sx={{ position: 'absolute', inset: 0, width: '100%', height: '100%' }}
      >
        {[1, 2, 3, 4, 5, 6, 7].map((line) => (
          <path
            key={line}
            d={`M0 ${(line * kHeight) / 8}H${kWidth}`}
            stroke="#bff3dc"
            strokeOpacity="0.07"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {kCurves.map(({ share, noise, opacity }) => (
          <path
            key={share}
            d={`${curve(share, noise)}V${kHeight}H0Z`}
            fill="#7fe3ba"
            fillOpacity={opacity}
          />
        ))}
        <path
          d={curve(1, 0.4)}
          fill="none"
          stroke="#f4b740"
          strokeWidth="2.5"
          vectorEffect="non-scaling-stroke"
        />
      </Box>
    </Box>
  );
}
