import { Button } from '@mui/material';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { FilterBar, SearchFilter } from '@/components/ui/filters';
import { ListTabs } from '@/components/ui/list-tabs';
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
      <FilterBar>
        <SearchFilter label={keys ? 'Search keys' : 'Search users'} />
      </FilterBar>
      <Panel flush>
        <ListTabs
          label="What to show"
          value={keys ? 'keys' : ''}
          tabs={[
            { value: '', label: 'People' },
            { value: 'keys', label: 'API keys' },
          ]}
          onChange={(show) => {
            update({ show, search: '' });
          }}
        />
        {keys ? <ApiKeyList /> : <UserList />}
      </Panel>
      {adding && (keys ? <ApiKeyDialog onClose={close} /> : <CreateUserDialog onClose={close} />)}
    </>
  );
}
