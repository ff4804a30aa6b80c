import { Box } from '@mui/material';

/** An E whose middle bar is a load curve, ended by a point: a reading. */
export function LogoMark({ size = 30 }: { size?: number }) {
  return (
    <Box
      component="svg"
      viewBox="0 0 32 32"
      aria-hidden
      sx={{ width: size, height: size, flexShrink: 0, display: 'block' }}
    >
      <rect width="32" height="32" rx="8.5" fill="#0f5c4a" />
      <path
        d="M8 9.5h16M8 16h5.2l2.3-4.2 3.4 8 2.1-3.8H24M8 22.5h9"
        fill="none"
        stroke="#eafff4"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="22.6" cy="22.5" r="1.9" fill="#f4b740" />
    </Box>
  );
}

export function Logo({ size = 30 }: { size?: number }) {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25 }}>
      <LogoMark size={size} />
      <Box
        component="span"
        sx={{ fontSize: '0.9688rem', fontWeight: 660, letterSpacing: '-0.02em', lineHeight: 1.1 }}
      >
        Energy Platform
      </Box>
    </Box>
  );
}
