import { Box, IconButton, ListItemIcon, Menu, MenuItem, Typography } from '@mui/material';
import {
  EllipsisVertical,
  KeyRound,
  Pencil,
  ShieldOff,
  UserCheck,
  UserX,
  type LucideIcon,
} from 'lucide-react';
import { useState } from 'react';
import { capitalize, Pill } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import type { User } from '@/lib/api/types';

export type UserAction = 'edit' | 'password' | 'second-factor' | 'activity';

interface Choice {
  action: UserAction;
  label: string;
  icon: LucideIcon;
}

interface UserRowProps {
  user: User;
  self: boolean;
  onAction: (action: UserAction) => void;
}

function Actions({ user, onAction }: Omit<UserRowProps, 'self'>) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const reset: Choice = {
    action: 'second-factor',
    label: 'Reset the second factor',
    icon: ShieldOff,
  };
  const choices: Choice[] = [
    { action: 'edit', label: 'Edit', icon: Pencil },
    { action: 'password', label: 'Set a new password', icon: KeyRound },
    ...(user.second_factor ? [reset] : []),
    user.is_active
      ? { action: 'activity', label: 'Deactivate', icon: UserX }
      : { action: 'activity', label: 'Activate', icon: UserCheck },
  ];
  return (
    <>
      <IconButton
        aria-label={`Actions for ${user.full_name}`}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        <EllipsisVertical size={16} />
      </IconButton>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
      >
        {choices.map(({ action, label, icon: Icon }) => (
          <MenuItem
            key={action}
            onClick={() => {
              setAnchor(null);
              onAction(action);
            }}
          >
            <ListItemIcon>
              <Icon size={16} />
            </ListItemIcon>
            {label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

/** One account: who, as what, since when not seen. */
export function UserRow({ user, self, onAction }: UserRowProps) {
  return (
    <Box
      component="li"
      data-testid="user-row"
      sx={{
        display: 'grid',
        alignItems: 'center',
        columnGap: 2,
        rowGap: 0.5,
        gridTemplateColumns: {
          xs: 'minmax(0, 1fr) auto',
          md: 'minmax(0, 1fr) 110px 110px 170px auto',
        },
        px: { xs: 2, sm: 2.5 },
        py: 1.5,
        '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
          {user.full_name}
          {self && ' (you)'}
        </Typography>
        <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          {user.email}
        </Typography>
      </Box>
      <Box
        sx={{
          gridColumn: { xs: '1', md: 'auto' },
          gridRow: { xs: 2, md: 'auto' },
          display: { xs: 'flex', md: 'contents' },
          flexWrap: 'wrap',
          columnGap: 2,
          alignItems: 'center',
        }}
      >
        <Typography variant="body2">{capitalize(user.role)}</Typography>
        <Pill color={user.is_active ? 'success.main' : 'text.secondary'} hollow={!user.is_active}>
          {user.is_active ? 'Active' : 'Inactive'}
        </Pill>
        <Typography variant="caption" color="textSecondary" component="div">
          <div>
            Signed in <RelativeTime time={user.last_login} />
          </div>
          {user.second_factor && <div>Second factor on</div>}
        </Typography>
      </Box>
      <Box sx={{ gridColumn: { xs: 2, md: 'auto' }, gridRow: { xs: 1, md: 'auto' } }}>
        <Actions user={user} onAction={onAction} />
      </Box>
    </Box>
  );
}
