import { Box, Typography } from '@mui/material';
import { KeyRound, Pencil, ShieldOff, UserCheck, UserX, type LucideIcon } from 'lucide-react';
import { ActionMenu } from '@/components/ui/action-menu';
import { capitalize, Pill } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { GridRow } from '@/components/ui/row-list';
import type { User } from '@/lib/api/types';

export type UserAction = 'edit' | 'password' | 'second-factor' | 'activity';

interface UserRowProps {
  user: User;
  self: boolean;
  onAction: (action: UserAction) => void;
}

function Actions({ user, onAction }: Omit<UserRowProps, 'self'>) {
  const choice = (action: UserAction, label: string, icon: LucideIcon) => ({
    label,
    icon,
    onChoose: () => {
      onAction(action);
    },
  });
  return (
    <ActionMenu
      label={`Actions for ${user.full_name}`}
      actions={[
        choice('edit', 'Edit', Pencil),
        choice('password', 'Set a new password', KeyRound),
        ...(user.second_factor
          ? [choice('second-factor', 'Reset the second factor', ShieldOff)]
          : []),
        user.is_active
          ? choice('activity', 'Deactivate', UserX)
          : choice('activity', 'Activate', UserCheck),
      ]}
    />
  );
}

/** One account: who, as what, since when not seen. */
export function UserRow({ user, self, onAction }: UserRowProps) {
  return (
    <GridRow
      testId="user-row"
      columns={{
        xs: 'minmax(0, 1fr) auto',
        md: 'minmax(0, 1fr) 110px 110px 170px auto',
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
    </GridRow>
  );
}
