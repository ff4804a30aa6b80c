import { Box, ButtonBase, Skeleton, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface KpiTileProps {
  label: string;
  value: ReactNode;
  /** Beside the value, smaller. */
  suffix?: ReactNode;
  loading: boolean;
  /** Nothing could be loaded; what was loaded before stays. */
  failed: boolean;
  /** Where a click leads. */
  to?: string;
  children?: ReactNode;
}

/** One figure with what it is made of. */
export function KpiTile({ label, value, suffix, loading, failed, to, children }: KpiTileProps) {
  const body = (
    <>
      <Typography variant="body2" color="textSecondary" component="p">
        {label}
      </Typography>
      {loading ? (
        <Skeleton variant="rounded" width={88} height={32} sx={{ my: 0.5 }} />
      ) : (
        <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 0.75, minHeight: 40 }}>
          <Box
            component="span"
            className="numeric"
            sx={{
              fontSize: { xs: '1.5rem', sm: '1.875rem' },
              fontWeight: 640,
              letterSpacing: '-0.03em',
              lineHeight: 1.3,
            }}
          >
            {failed ? '–' : value}
          </Box>
          {!failed && suffix !== undefined && (
            <Box
              component="span"
              sx={{
                color: 'text.secondary',
                fontSize: { xs: '0.76rem', sm: '0.875rem' },
                minWidth: 0,
                overflow: 'hidden',
                textOverflow: 'ellipsis',
                whiteSpace: 'nowrap',
              }}
            >
              {suffix}
            </Box>
          )}
        </Box>
      )}
      <Box sx={{ mt: 'auto', pt: 0.75, minHeight: 34 }}>
        {failed ? (
          <Typography variant="caption" color="error">
            Not available; trying again
          </Typography>
        ) : (
          children
        )}
      </Box>
    </>
  );
  const surface = {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'stretch',
    minWidth: 0,
    textAlign: 'left',
    px: { xs: 1.75, sm: 2.5 },
    py: 1.75,
    bgcolor: 'background.paper',
    border: 1,
    borderColor: 'line',
    borderRadius: 1.25,
  } as const;
  if (to === undefined) return <Box sx={surface}>{body}</Box>;
  return (
    <ButtonBase
      component={Link}
      to={to}
      sx={{ ...surface, '&:hover': { borderColor: 'text.disabled' } }}
    >
      {body}
    </ButtonBase>
  );
}
