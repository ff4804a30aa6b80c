import { Box, Button, Tab, Tabs } from '@mui/material';
import { Plus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { SearchField } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { ApiKeyDialog } from './api-key-dialog';
import { ApiKeyList } from './api-key-list';
import { CreateUserDialog } from './user-dialog';
import { UserList } from './user-list';

/** Who may come in: people with accounts and machines with keys. */
export function UsersPage() {
  const { get, update } = useSearchState();
  const [adding, setAdding] = useState(false);
  const keys = get('show') === 'keys';
  const setSearch = useCallback(
    (search: string) => {
      update({ search });
    },
    [update],
  );
  const close = () => {
    setAdding(false);
  };
  return (
    <>
      <PageHeader
        title="Users"
        subtitle="People and programs that may use this platform"
        actions={
          <Button
            variant="contained"
            startIcon={<Plus size={16} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {keys ? 'New key' : 'New user'}
          </Button>
        }
      />
      <Box sx={{ mb: 2, display: 'flex' }}>
        <SearchField
          key={keys ? 'keys' : 'users'}
          label={keys ? 'Search keys' : 'Search users'}
          value={get('search')}
          onChange={setSearch}
        />
      </Box>
      <Panel flush>
        <Tabs
          value={keys ? 'keys' : ''}
          aria-label="What to show"
          onChange={(_, show: string) => {
            update({ show, search: '' });
          }}
          sx={{ px: 1.5, borderBottom: 1, borderColor: 'line' }}
        >
          <Tab value="" label="People" />
          <Tab value="keys" label="API keys" />
        </Tabs>
        {keys ? <ApiKeyList /> : <UserList />}
      </Panel>
      {adding && (keys ? <ApiKeyDialog onClose={close} /> : <CreateUserDialog onClose={close} />)}
    </>
  );
}
