import { Box, ButtonBase, Divider, Typography } from '@mui/material';
import { NavLink } from 'react-router';
import { Logo } from '@/components/ui/logo';
import { Pill } from '@/components/ui/chips';
import { useAlertSummary } from '@/lib/api/alerts';
import { useSystem } from '@/lib/api/system';
import { useAppSelector } from '@/lib/store/hooks';
import { kMain, useFurtherDestinations, type Destination } from './navigation';

export const kNavWidth = 224;

function NavItem({ to, label, icon: Icon, count }: Destination & { count?: number }) {
  return (
    <ButtonBase
      component={NavLink}
      to={to}
      end={to === '/'}
      sx={{
        display: 'flex',
        justifyContent: 'flex-start',
        gap: 1.5,
        height: 38,
        px: 1.5,
        borderRadius: 1,
        color: 'text.secondary',
        fontSize: '0.875rem',
        fontWeight: 540,
        transition: 'background-color 120ms',
        '&:hover': { bgcolor: 'sunken' },
        '&.active': {
          bgcolor: 'background.paper',
          color: 'text.primary',
          fontWeight: 600,
          boxShadow: (theme) => `0 0 0 1px ${theme.vars?.palette.line}`,
          '& svg': { color: 'primary.main' },
        },
      }}
    >
      <Icon size={18} strokeWidth={1.9} aria-hidden />
      <Box component="span" sx={{ flex: 1 }}>
        {label}
      </Box>
      {count !== undefined && count > 0 && (
        <Box
          component="span"
          aria-label={`${count} open`}
          sx={{
            minWidth: 20,
            px: 0.75,
            borderRadius: 5,
            bgcolor: 'error.main',
            color: 'background.paper',
            fontSize: '0.7188rem',
            fontWeight: 650,
            lineHeight: '18px',
            textAlign: 'center',
          }}
        >
          {count > 99 ? '99+' : count}
        </Box>
      )}
    </ButtonBase>
  );
}

function SystemLine() {
  const { data } = useSystem();
  const reachable = useAppSelector((state) => state.ui.reachable);
  const failing = data?.checks.filter((check) => !check.ok).length ?? 0;
  let state = null;
  if (!reachable) state = <Pill color="error.main">No answer</Pill>;
  else if (failing > 0) state = <Pill color="error.main">{failing} checks failing</Pill>;
  else if (data) state = <Pill color="success.main">All systems normal</Pill>;
  return (
    <Box sx={{ px: 1.5, pb: 1 }}>
      {state}
      <Typography variant="caption" color="textSecondary" component="p">
        {data ? `Version ${data.version}` : '\u00a0'}
      </Typography>
    </Box>
  );
}

/** Beside the page on wide screens; the bottom bar takes its place on narrow ones. */
export function SideNav() {
  const open = useAlertSummary().data?.open;
  const further = useFurtherDestinations();
  return (
    <Box
      component="nav"
      aria-label="Main"
      sx={{
        display: { xs: 'none', md: 'flex' },
        flexDirection: 'column',
        position: 'fixed',
        insetBlock: 0,
        left: 0,
        width: kNavWidth,
        px: 1.5,
        py: 1.75,
        borderRight: 1,
        borderColor: 'line',
      }}
    >
      <Box sx={{ px: 1, pb: 2.5 }}>
        <Logo />
      </Box>
      <Box sx={{ display: 'grid', gap: 0.5, flex: 1, alignContent: 'start' }}>
        {kMain.map((item) => (
          <NavItem key={item.to} {...item} count={item.to === '/alerts' ? open : undefined} />
        ))}
        <Divider sx={{ mx: 1.5, my: 1 }} />
        {further.map((item) => (
          <NavItem key={item.to} {...item} />
        ))}
      </Box>
      <SystemLine />
    </Box>
  );
}
