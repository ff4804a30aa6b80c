import { Box, Button, useMediaQuery, type Theme } from '@mui/material';
import { Plug, Plus } from 'lucide-react';
import { useCallback } from 'react';
import { FilterSelect, SearchField } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { StateMessage } from '@/components/ui/states';
import { useDevices } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { usePermissions } from '@/lib/store/hooks';
import { CreateDeviceDialog } from './device-dialog';
import { DeviceRows, DeviceTable, kSortFields } from './device-list';

const kPageSize = 25;
const kStatuses = ['active', 'inactive', 'maintenance', 'error'] as const;
const kStatusOptions = kStatuses.map((value) => ({
  value,
  label: value.charAt(0).toUpperCase() + value.slice(1),
}));

export function DevicesPage() {
  const { get, page, update } = useSearchState();
  const { manageDevices } = usePermissions();
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('md'));
  const types = useProfiles().data?.profiles.map((profile) => profile.type) ?? [];
  const filters = {
    search: get('search'),
    type: get('type'),
    status: oneOf(kStatuses, get('status')),
  };
  const sort = get('sort', 'name');
  const filtered = Object.values(filters).some(Boolean);
  const query = useDevices({ ...filters, sort, page, page_size: kPageSize });
  const setSearch = useCallback(
    (search: string) => {
      update({ search });
    },
    [update],
  );
  const devices = query.data?.devices;

  return (
    <>
      <PageHeader
        title="Devices"
        subtitle={query.data && `${query.data.total} ${filtered ? 'matching' : 'registered'}`}
        actions={
          manageDevices && (
            <Button
              variant="contained"
              startIcon={<Plus size={16} />}
              onClick={() => {
                update({ new: '1' });
              }}
            >
              Add device
            </Button>
          )
        }
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mb: 2 }}>
        <SearchField
          key={filters.search === '' ? 'empty' : 'filled'}
          label="Search name or id"
          value={filters.search}
          onChange={setSearch}
        />
        <FilterSelect
          label="Type"
          any="All types"
          value={filters.type}
          options={types.map((type) => ({ value: type, label: type }))}
          onChange={(type) => {
            update({ type });
          }}
        />
        <FilterSelect
          label="Status"
          any="All statuses"
          value={filters.status ?? ''}
          options={kStatusOptions}
          onChange={(status) => {
            update({ status });
          }}
        />
        {!wide && (
          <FilterSelect
            label="Order"
            value={sort}
            options={kSortFields.map(({ value, label }) => ({
              value,
              label: `By ${label.toLowerCase()}`,
            }))}
            onChange={(next) => {
              update({ sort: next });
            }}
          />
        )}
      </Box>
      <Panel flush>
        <PagedList
          query={query}
          items={devices}
          pageSize={kPageSize}
          noun="device"
          filters={['search', 'type', 'status']}
          empty={
            <StateMessage
              icon={Plug}
              title="No devices yet"
              text={
                manageDevices
                  ? 'Register the first device, then issue the credentials with which it publishes its readings.'
                  : 'An administrator has to register the first device.'
              }
            />
          }
        >
          {(shown) =>
            wide ? (
              <DeviceTable
                devices={shown}
                sort={sort}
                onSort={(next) => {
                  update({ sort: next });
                }}
              />
            ) : (
              <DeviceRows devices={shown} />
            )
          }
        </PagedList>
      </Panel>
      <CreateDeviceDialog
        open={manageDevices && get('new') === '1'}
        onClose={() => {
          update({ new: '' });
        }}
      />
    </>
  );
}
