import { Box, Typography } from '@mui/material';
import { useEffect, type ReactNode } from 'react';

interface PageHeaderProps {
  title: string;
  /** Beside the title: a state, say. */
  badge?: ReactNode;
  subtitle?: ReactNode;
  above?: ReactNode;
  actions?: ReactNode;
}

/** The page's only h1; also names the browser's tab. */
export function PageHeader({ title, badge, subtitle, above, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Energy Platform`;
  }, [title]);

  return (
    <Box sx={{ position: 'relative', mb: { xs: 2, md: 2.5 } }}>
      {above}
      <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: 1.5 }}>
        <Box sx={{ flex: { xs: above ? '1 1 100%' : '1 1 170px', sm: '1 1 170px' }, minWidth: 0 }}>
          <Box sx={{ display: 'flex', alignItems: 'center', flexWrap: 'wrap', columnGap: 1.5 }}>
            <Typography variant="h1" sx={{ overflowWrap: 'anywhere' }}>
              {title}
            </Typography>
            {badge}
          </Box>
          {subtitle !== undefined && (
            <Typography variant="body2" color="textSecondary" component="div" sx={{ mt: 0.25 }}>
              {subtitle}
            </Typography>
          )}
        </Box>
        {actions !== undefined && (
          <Box
            sx={{
              display: 'flex',
              gap: 1,
              // On a phone a long title needs the whole width: beside the way back there is room.
              ...(above ? { position: { xs: 'absolute', sm: 'static' }, top: -10, right: 0 } : {}),
            }}
          >
            {actions}
          </Box>
        )}
      </Box>
    </Box>
  );
}
