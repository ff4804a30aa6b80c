import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface DetailRowProps {
  name: string;
  /** Keeps away from the edges of a flush panel, which its line reaches. */
  inset?: boolean;
  children: ReactNode;
}

/** A name and what it stands for, a line of a `dl`. */
export function DetailRow({ name, inset = false, children }: DetailRowProps) {
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateColumns: 'minmax(96px, 2fr) minmax(0, 3fr)',
        gap: 2,
        px: inset ? { xs: 2, sm: 2.5 } : 0,
        py: inset ? 1 : 0.75,
        '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      <Typography
        variant="body2"
        color="textSecondary"
        component="dt"
        sx={{ minWidth: 0, overflowWrap: 'anywhere' }}
      >
        {name}
      </Typography>
      <Typography variant="body2" component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Typography>
    </Box>
  );
}
