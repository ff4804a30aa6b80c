import { Box, Typography, type SxProps, type Theme } from '@mui/material';
import type { ReactNode } from 'react';

interface PanelProps {
  title?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  /** Without inner spacing: for tables and lists that run to the edge. */
  flush?: boolean;
  sx?: SxProps<Theme>;
  children: ReactNode;
}

/** A surface with an optional heading: what pages are made of. */
export function Panel({ title, subtitle, actions, flush = false, sx, children }: PanelProps) {
  return (
    <Box
      component="section"
      sx={
        [
          {
            bgcolor: 'background.paper',
            border: 1,
            borderColor: 'line',
            borderRadius: 1.25,
            minWidth: 0,
            overflow: 'hidden',
          },
          ...(Array.isArray(sx) ? (sx as SxProps<Theme>[]) : [sx]),
        ] as SxProps<Theme>
      }
    >
      {(title !== undefined || actions !== undefined) && (
        <Box
          sx={{
            display: 'flex',
            alignItems: 'center',
            flexWrap: 'wrap',
            gap: 1,
            px: { xs: 2, sm: 2.5 },
            pt: 1.75,
            pb: flush ? 1.25 : 0,
          }}
        >
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <Typography variant="h2">{title}</Typography>
            {subtitle !== undefined && (
              <Typography variant="caption" color="textSecondary" component="p">
                {subtitle}
              </Typography>
            )}
          </Box>
          {actions}
        </Box>
      )}
      <Box sx={flush ? undefined : { px: { xs: 2, sm: 2.5 }, py: 2 }}>{children}</Box>
    </Box>
  );
}
