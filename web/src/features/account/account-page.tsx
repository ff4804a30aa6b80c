import { Box } from '@mui/material';
import { PageHeader } from '@/components/ui/page-header';
import { useUser } from '@/lib/store/hooks';
import { PasswordPanel } from './password-panel';
import { SecondFactorPanel } from './second-factor-panel';

/** What a user does with the own account. */
export function AccountPage() {
  const user = useUser();
  return (
    <>
      <PageHeader title="Your account" subtitle={user && `${user.email} · ${user.role}`} />
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          alignItems: 'start',
          gridTemplateColumns: { md: 'repeat(2, minmax(0, 480px))' },
        }}
      >
        <PasswordPanel />
        <SecondFactorPanel />
      </Box>
    </>
  );
}
