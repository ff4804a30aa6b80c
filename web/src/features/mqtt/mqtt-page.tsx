import { Button, useMediaQuery, type Theme } from '@mui/material';
import { CircleCheck, KeyRound, Plus, RadioTower } from 'lucide-react';
import { useState } from 'react';
import { FilterBar, SearchFilter } from '@/components/ui/filters';
import { ListTabs } from '@/components/ui/list-tabs';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { useMqttClients, useMqttErrors } from '@/lib/api/mqtt';
import { useMqttCredentials } from '@/lib/api/mqtt-access';
import type { MqttListedCredential } from '@/lib/api/types';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { usePermissions } from '@/lib/store/hooks';
import { ClientDrawer } from './client-drawer';
import { ClientRows, ClientTable, kSortFields } from './client-list';
import { CredentialDialog } from './credential-dialog';
import { CredentialDrawer } from './credential-drawer';
import { CredentialList } from './credential-list';
import { ErrorList } from './error-list';

const kPageSize = 50;
const kSorts = kSortFields.flatMap((field) => [field, `-${field}` as const]);

function Clients() {
  const { get, page, update } = useSearchState();
  const [open, setOpen] = useState<string | null>(null);
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('md'));
  const search = get('search');
  const sort = oneOf(kSorts, get('sort')) ?? 'client_id';
  const query = useMqttClients({ search, sort, page, page_size: kPageSize });
  return (
    <>
      <PagedList
        query={query}
        items={query.data?.clients}
        pageSize={kPageSize}
        noun="client"
        filters={['search']}
        empty={{
          icon: RadioTower,
          title: 'No client is connected',
          text: 'Devices appear here the moment they connect.',
        }}
      >
        {(clients) =>
          wide ? (
            <ClientTable
              clients={clients}
              onOpen={setOpen}
              sort={sort}
              onSort={(next) => {
                update({ sort: next });
              }}
            />
          ) : (
            <ClientRows clients={clients} onOpen={setOpen} />
          )
        }
      </PagedList>
      {open !== null && (
        <ClientDrawer
          clientId={open}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </>
  );
}

function Errors() {
  const { get, page } = useSearchState();
  const query = useMqttErrors({ search: get('search'), page, page_size: kPageSize });
  return (
    <PagedList
      query={query}
      items={query.data?.errors}
      pageSize={kPageSize}
      noun="error"
      filters={['search']}
      empty={{
        icon: CircleCheck,
        tone: 'good',
        title: 'No client had trouble',
        text: 'Clients that are refused or end badly are listed here until the program ends.',
      }}
    >
      {(errors) => <ErrorList errors={errors} />}
    </PagedList>
  );
}

function Credentials() {
  const { get, page } = useSearchState();
  const [open, setOpen] = useState<MqttListedCredential | null>(null);
  const query = useMqttCredentials({ search: get('search'), page, page_size: kPageSize });
  return (
    <>
      <PagedList
        query={query}
        items={query.data?.credentials}
        pageSize={kPageSize}
        noun="credential"
        filters={['search']}
        empty={{
          icon: KeyRound,
          title: 'Nobody has a credential',
          text: 'A device gets one on its page. For a gateway, a SCADA system or a display make one here.',
        }}
      >
        {(credentials) => <CredentialList credentials={credentials} onOpen={setOpen} />}
      </PagedList>
      {open !== null && (
        <CredentialDrawer
          credential={open}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </>
  );
}

const kTabs = { '': Clients, errors: Errors, access: Credentials } as const;

/** Who is connected to the broker, who had trouble, and who may connect. */
export function MqttPage() {
  const { get, update } = useSearchState();
  const { administer } = usePermissions();
  const [creating, setCreating] = useState(false);
  const asked = oneOf(['errors', 'access'] as const, get('show')) ?? '';
  const show = asked === 'access' && !administer ? '' : asked;
  const Shown = kTabs[show];
  const connected = useMqttClients({ page_size: 1 }).data?.total;
  return (
    <>
      <PageHeader
        title="MQTT"
        subtitle={connected !== undefined && `${connected.toLocaleString('en-US')} connected`}
        actions={
          show === 'access' && (
            <Button
              variant="contained"
              startIcon={<Plus size={16} />}
              onClick={() => {
                setCreating(true);
              }}
            >
              New credential
            </Button>
          )
        }
      />
      <FilterBar>
        <SearchFilter label={show === 'access' ? 'Search credentials' : 'Search clients'} />
      </FilterBar>
      <Panel flush>
        <ListTabs
          label="What to show"
          value={show}
          tabs={[
            { value: '', label: 'Clients' },
            { value: 'errors', label: 'Errors' },
            ...(administer ? [{ value: 'access', label: 'Access' }] : []),
          ]}
          onChange={(next) => {
            update({ show: next, sort: '' });
          }}
        />
        <Shown />
      </Panel>
      {creating && (
        <CredentialDialog
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </>
  );
}
