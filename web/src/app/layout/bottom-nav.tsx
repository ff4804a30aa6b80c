import { Badge, Box, ButtonBase, ListItemIcon, Menu, MenuItem } from '@mui/material';
import { Ellipsis, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useAlertSummary } from '@/lib/api/alerts';
import { kMain, useFurtherDestinations } from './navigation';

const kItem = {
  flex: 1,
  flexDirection: 'column',
  gap: 0.25,
  height: 60,
  color: 'text.secondary',
  fontSize: '0.6875rem',
  fontWeight: 560,
  outlineOffset: '-2px !important',
  '&.active': { color: 'primary.main' },
} as const;

function NavIcon({ icon: Icon }: { icon: LucideIcon }) {
  return <Icon size={21} strokeWidth={1.9} aria-hidden />;
}

function More() {
  const further = useFurtherDestinations();
  const { pathname } = useLocation();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => {
    setAnchor(null);
  };
  return (
    <>
      <ButtonBase
        aria-haspopup="menu"
        className={further.some(({ to }) => to === pathname) ? 'active' : ''}
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
        sx={kItem}
      >
        <NavIcon icon={Ellipsis} />
        More
      </ButtonBase>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={close}
        anchorOrigin={{ vertical: 'top', horizontal: 'right' }}
        transformOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        slotProps={{ paper: { sx: { width: 200 } } }}
      >
        {further.map(({ to, label, icon }) => (
          <MenuItem
            key={to}
            component={NavLink}
            to={to}
            selected={to === pathname}
            onClick={close}
            sx={{ minHeight: 44 }}
          >
            <ListItemIcon>
              <NavIcon icon={icon} />
            </ListItemIcon>
            {label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

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
      {kMain.map(({ to, label, icon }) => (
        <ButtonBase key={to} component={NavLink} to={to} end={to === '/'} sx={kItem}>
          <Badge badgeContent={to === '/alerts' ? open : 0} color="error" max={99}>
            <NavIcon icon={icon} />
          </Badge>
          {label}
        </ButtonBase>
      ))}
      <More />
    </Box>
  );
}
