import { Box, Button, Skeleton } from '@mui/material';
import { FileSliders, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { useDeleteProfile, useProfilePage } from '@/lib/api/profiles';
import type { Profile } from '@/lib/api/types';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { useNotify, usePermissions } from '@/lib/store/hooks';
import { ProfileCard } from './profile-card';
import { ProfileDialog } from './profile-dialog';

const kPageSize = 20;

function Cards({ children }: { children: ReactNode }) {
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        alignItems: 'start',
        gridTemplateColumns: {
          xs: 'minmax(0, 1fr)',
          lg: 'repeat(2, minmax(0, 1fr))',
          xl: 'repeat(3, minmax(0, 1fr))',
        },
      }}
    >
      {children}
    </Box>
  );
}

function DeleteProfile({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const remove = useDeleteProfile();
  const notify = useNotify();
  return (
    <ConfirmDialog
      open
      title={`Remove the profile of ${profile.type}?`}
      confirm="Remove"
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(profile.type, {
          onSuccess: ({ message }) => {
            notify('success', message);
            onClose();
          },
        });
      }}
    >
      Readings of devices of this type are then stored unchecked, without units. Rules and stored
      readings stay.
    </ConfirmDialog>
  );
}

export function ProfilesPage() {
  const { page } = useSearchState();
  const { manageDevices: admin } = usePermissions();
  const [edited, setEdited] = useState<Profile | 'new' | null>(null);
  const [deleted, setDeleted] = useState<Profile | null>(null);
  const query = useProfilePage(page, kPageSize);

  const add = (label: string) =>
    admin && (
      <Button
        variant="contained"
        startIcon={<Plus size={16} />}
        onClick={() => {
          setEdited('new');
        }}
      >
        {label}
      </Button>
    );

  return (
    <>
      <PageHeader
        title="Profiles"
        subtitle="What each type of device measures, and which values are accepted"
        actions={add('New profile')}
      />
      <PagedList
        query={query}
        items={query.data?.profiles}
        pageSize={kPageSize}
        noun="profile"
        empty={{
          icon: FileSliders,
          title: 'No profiles yet',
          text: 'A profile says what a type of device measures, in which unit, and which values are accepted.',
          action: add('Create the first profile'),
        }}
        loading={
          <Cards>
            {[0, 1, 2].map((key) => (
              <Skeleton key={key} variant="rounded" height={220} />
            ))}
          </Cards>
        }
      >
        {(profiles) => (
          <Cards>
            {profiles.map((profile) => (
              <ProfileCard
                key={profile.type}
                profile={profile}
                canEdit={admin}
                onEdit={() => {
                  setEdited(profile);
                }}
                onDelete={() => {
                  setDeleted(profile);
                }}
              />
            ))}
          </Cards>
        )}
      </PagedList>
      {edited !== null && (
        <ProfileDialog
          profile={edited === 'new' ? null : edited}
          onClose={() => {
            setEdited(null);
          }}
        />
      )}
      {deleted && (
        <DeleteProfile
          profile={deleted}
          onClose={() => {
            setDeleted(null);
          }}
        />
      )}
    </>
  );
}
