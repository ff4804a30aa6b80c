import { UsersRound } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PagedList } from '@/components/ui/paged-list';
import { RowList } from '@/components/ui/row-list';
import { useUserChange, useUsers, type UserChange } from '@/lib/api/accounts';
import type { User } from '@/lib/api/types';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { useNotify, useUser } from '@/lib/store/hooks';
import { EditUserDialog, ResetPasswordDialog } from './user-dialog';
import { UserRow, type UserAction } from './user-row';

const kPageSize = 25;

interface Chosen {
  user: User;
  action: UserAction;
}

function question({ user, action }: Chosen): { title: string; text: string; confirm: string } {
  if (action === 'second-factor') {
    return {
      title: `Reset the second factor of ${user.full_name}?`,
      text: 'The user signs in with the password alone until it is set up again.',
      confirm: 'Reset',
    };
  }
  return user.is_active
    ? {
        title: `Deactivate ${user.full_name}?`,
        text: 'The user is signed out everywhere at once and cannot sign in.',
        confirm: 'Deactivate',
      }
    : {
        title: `Activate ${user.full_name}?`,
        text: 'The user can sign in again with the password of before.',
        confirm: 'Activate',
      };
}

function Confirm({ chosen, onClose }: { chosen: Chosen; onClose: () => void }) {
  const change = useUserChange();
  const notify = useNotify();
  const { user, action } = chosen;
  const { title, text, confirm } = question(chosen);
  const request: UserChange =
    action === 'second-factor'
      ? { kind: 'reset-second-factor', id: user.id }
      : {
          kind: 'update',
          id: user.id,
          user: { is_active: !user.is_active, version: user.version },
        };
  return (
    <ConfirmDialog
      open
      title={title}
      confirm={confirm}
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() => {
        change.mutate(request, {
          onSuccess: () => {
            notify('success', `${user.full_name} was changed.`);
            onClose();
          },
        });
      }}
    >
      {text}
    </ConfirmDialog>
  );
}

export function UserList() {
  const { get, page } = useSearchState();
  const self = useUser();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const query = useUsers({ search: get('search'), page, page_size: kPageSize });
  const close = () => {
    setChosen(null);
  };
  return (
    <>
      <PagedList
        query={query}
        items={query.data?.users}
        pageSize={kPageSize}
        noun="user"
        filters={['search']}
        empty={{ icon: UsersRound, title: 'No users', text: 'Add the first one.' }}
      >
        {(users) => (
          <RowList>
            {users.map((user) => (
              <UserRow
                key={user.id}
                user={user}
                self={user.id === self?.id}
                onAction={(action) => {
                  setChosen({ user, action });
                }}
              />
            ))}
          </RowList>
        )}
      </PagedList>
      {chosen?.action === 'edit' && <EditUserDialog user={chosen.user} onClose={close} />}
      {chosen?.action === 'password' && <ResetPasswordDialog user={chosen.user} onClose={close} />}
      {(chosen?.action === 'second-factor' || chosen?.action === 'activity') && (
        <Confirm chosen={chosen} onClose={close} />
      )}
    </>
  );
}
