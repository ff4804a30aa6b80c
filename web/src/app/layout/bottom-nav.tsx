import { Badge, Box, ButtonBase } from '@mui/material';
import { NavLink } from 'react-router';
import { useAlertSummary } from '@/lib/api/alerts';
import { kDestinations } from './navigation';

export function BottomNav() {
  const open = useAlertSummary().data?.open ?? 0;
  return (
    <Box
      component="nav"
      aria-label="Main"
      sx={{
        display: { xs: 'flex', md: 'none' },
        position: 'fixed',
        insetInline: 0,
        bottom: 0,
        zIndex: 'appBar',
        pb: 'env(safe-area-inset-bottom)',
        bgcolor: 'background.paper',
        borderTop: 1,
        borderColor: 'line',
      }}
    >
      {kDestinations.map(({ to, label, icon: Icon }) => (
        <ButtonBase
          key={to}
          component={NavLink}
          to={to}
          end={to === '/'}
          sx={{
            flex: 1,
            flexDirection: 'column',
            gap: 0.25,
            height: 60,
            color: 'text.secondary',
            fontSize: '0.6875rem',
            fontWeight: 560,
            '&.active': { color: 'primary.main' },
          }}
        >
          <Badge badgeContent={to === '/alerts' ? open : 0} color="error" max={99}>
            <Icon size={21} strokeWidth={1.9} aria-hidden />
          </Badge>
          {label}
        </ButtonBase>
      ))}
    </Box>
  );
}
