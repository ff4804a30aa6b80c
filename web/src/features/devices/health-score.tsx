import { Box } from '@mui/material';

/** 0..100; a device without enough history has none. */
export function HealthScore({ score }: { score: number | null }) {
  if (score === null) return <Box sx={{ color: 'text.disabled' }}>–</Box>;
  const color = score >= 85 ? 'success.main' : score >= 60 ? 'warning.main' : 'error.main';
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
      <Box
        aria-hidden
        sx={{ width: 56, height: 5, borderRadius: 3, bgcolor: 'sunken', overflow: 'hidden' }}
      >
        <Box sx={{ width: `${score}%`, height: 1, bgcolor: color }} />
      </Box>
      {score.toFixed(0)}
    </Box>
  );
}
