import { Box } from '@mui/material';
import { Link } from 'react-router';
import { Logo } from '@/components/ui/logo';
import { LiveIndicator } from './live-indicator';
import { ThemeToggle } from './theme-toggle';
import { UserMenu } from './user-menu';

export function TopBar() {
  return (
    <Box
      component="header"
      sx={{
        position: 'sticky',
        top: 0,
        zIndex: 'appBar',
        display: 'flex',
        alignItems: 'center',
        gap: { xs: 0.5, sm: 1 },
        height: 56,
        px: { xs: 2, sm: 3, lg: 4 },
        bgcolor: (theme) =>
          `color-mix(in srgb, ${theme.vars?.palette.background.default} 86%, transparent)`,
        backdropFilter: 'blur(10px)',
        borderBottom: { xs: 1, md: 0 },
        borderColor: { xs: 'line', md: 'transparent' },
      }}
    >
      <Box
        component={Link}
        to="/"
        aria-label="Energy Platform, overview"
        sx={{
          display: { md: 'none' },
          color: 'inherit',
          textDecoration: 'none',
          '& span': { '@media (max-width: 420px)': { display: 'none' } },
        }}
      >
        <Logo size={28} />
      </Box>
      <Box sx={{ flex: 1 }} />
      <LiveIndicator />
      <ThemeToggle />
      <UserMenu />
    </Box>
  );
}
