import { Box } from '@mui/material';

const kColors: Record<string, string> = {
  GET: 'info.main',
  POST: 'success.main',
  DELETE: 'error.main',
};

export function MethodName({ method }: { method: string }) {
  return (
    <Box
      component="span"
      sx={{ color: kColors[method] ?? 'warning.main', fontWeight: 700, fontSize: '0.75rem' }}
    >
      {method}
    </Box>
  );
}
