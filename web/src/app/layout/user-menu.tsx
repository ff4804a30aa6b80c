import {
  Avatar,
  Box,
  Divider,
  IconButton,
  ListItemIcon,
  Menu,
  MenuItem,
  ToggleButton,
  ToggleButtonGroup,
  Typography,
} from '@mui/material';
import { useColorScheme } from '@mui/material/styles';
import { LogOut, UserCog } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '@/lib/api/instance';
import { useUser } from '@/lib/store/hooks';

function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}

export function UserMenu() {
  const user = useUser();
  const { mode, setMode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  if (!user) return null;
  const name = user.full_name || user.email;
  return (
    <>
      <IconButton
        aria-label="Account"
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
        sx={{ p: 0.5 }}
      >
        <Avatar
          sx={{
            width: 30,
            height: 30,
            fontSize: '0.75rem',
            fontWeight: 620,
            bgcolor: 'primary.main',
            color: 'primary.contrastText',
          }}
        >
          {initials(name)}
        </Avatar>
      </IconButton>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        slotProps={{ paper: { sx: { width: 260 } } }}
      >
        <Box component="li" sx={{ px: 2, py: 1 }}>
          <Typography variant="h3" noWrap>
            {name}
          </Typography>
          <Typography variant="caption" color="textSecondary" component="p" noWrap>
            {user.email} · {user.role}
          </Typography>
        </Box>
        <Box component="li" sx={{ px: 2, pb: 1.25 }}>
          <ToggleButtonGroup
            exclusive
            fullWidth
            value={mode ?? 'system'}
            aria-label="Colours"
            onChange={(_, value: 'system' | 'light' | 'dark' | null) => {
              if (value) setMode(value);
            }}
          >
            <ToggleButton value="system">System</ToggleButton>
            <ToggleButton value="light">Light</ToggleButton>
            <ToggleButton value="dark">Dark</ToggleButton>
          </ToggleButtonGroup>
        </Box>
        <Divider />
        <MenuItem
          component={Link}
          to="/account"
          onClick={() => {
            setAnchor(null);
          }}
        >
          <ListItemIcon>
            <UserCog size={16} />
          </ListItemIcon>
          Your account
        </MenuItem>
        <MenuItem
          onClick={() => {
            setAnchor(null);
            // The session ends here in any case; the server's answer changes nothing for the user.
            api.logout().catch(() => undefined);
          }}
        >
          <ListItemIcon>
            <LogOut size={16} />
          </ListItemIcon>
          Sign out
        </MenuItem>
      </Menu>
    </>
  );
}
