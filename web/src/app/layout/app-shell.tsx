import { Alert, Box, Collapse, Link } from '@mui/material';
import { WifiOff } from 'lucide-react';
import { useEffect } from 'react';
import { Outlet, ScrollRestoration, useLocation } from 'react-router';
import { useAppSelector } from '@/lib/store/hooks';
import { BottomNav } from './bottom-nav';
import { kNavWidth, SideNav } from './side-nav';
import { TopBar } from './top-bar';

/** Rather than cards as wide as a hand on a wall display. */
const kWidestContent = 2560;

function OfflineBanner() {
  const reachable = useAppSelector((state) => state.ui.reachable);
  return (
    <Collapse in={!reachable} unmountOnExit>
      <Alert severity="warning" icon={<WifiOff size={18} />} sx={{ mb: 2 }}>
        The platform does not answer. What you see is the last known state; this page reconnects by
        itself.
      </Alert>
    </Collapse>
  );
}

/** Moves the focus to a new page's content, so that a screen reader starts there. */
function useFocusOnNavigation() {
  const { pathname } = useLocation();
  useEffect(() => {
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [pathname]);
}

export function AppShell() {
  useFocusOnNavigation();
  return (
    <>
      <Link
        href="#main"
        sx={{
          position: 'fixed',
          left: 16,
          top: -60,
          zIndex: 'tooltip',
          px: 2,
          py: 1,
          borderRadius: 1,
          bgcolor: 'background.paper',
          '&:focus': { top: 12 },
        }}
      >
        Skip to content
      </Link>
      <SideNav />
      <Box sx={{ ml: { md: `${kNavWidth}px` } }}>
        <TopBar />
        <Box
          component="main"
          id="main"
          tabIndex={-1}
          sx={{
            maxWidth: kWidestContent,
            mx: 'auto',
            px: { xs: 2, sm: 3, lg: 4 },
            pt: { xs: 2, md: 0.5 },
            pb: { xs: 'calc(60px + 32px)', md: 5 },
            outline: 'none',
          }}
        >
          <OfflineBanner />
          <Outlet />
        </Box>
      </Box>
      <BottomNav />
      <ScrollRestoration />
    </>
  );
}
