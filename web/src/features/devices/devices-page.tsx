import { Button, useMediaQuery, type Theme } from '@mui/material';
import { FileUp, Plug, Plus } from 'lucide-react';
import { DownloadButton } from '@/components/ui/download-button';
import { FilterBar, optionsOf, SearchFilter, UrlFilter } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { devicesFile, useDevices } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { usePermissions } from '@/lib/store/hooks';
import { counted } from '@/lib/units';
import { CreateDeviceDialog } from './device-dialog';
import { kDeviceStatuses } from './device-form';
import { DeviceRows, DeviceTable, kSortFields } from './device-list';
import { ImportDialog } from './import-dialog';

const kPageSize = 25;

export function DevicesPage() {
  const { get, page, update } = useSearchState();
  const { manageDevices } = usePermissions();
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('md'));
  const types = useProfiles().data?.profiles.map((profile) => profile.type) ?? [];
  const filters = {
    search: get('search'),
    type: get('type'),
    status: oneOf(kDeviceStatuses, get('status')),
  };
  const sort = get('sort', 'name');
  const filtered = Object.values(filters).some(Boolean);
  const query = useDevices({ ...filters, sort, page, page_size: kPageSize });
  const devices = query.data?.devices;
  // In the URL, so that other pages can link to it.
  const asked = get('new');
  const open = (what: string) => () => {
    update({ new: what, page: String(page) });
  };
  const close = open('');

  return (
    <>
      <PageHeader
        title="Devices"
        subtitle={query.data && `${query.data.total} ${filtered ? 'matching' : 'registered'}`}
        actions={
          <>
            {query.data && query.data.total > 0 && (
              <DownloadButton
                text="Export"
                label={`Export ${counted(query.data.total, 'device')} as CSV`}
                name="devices"
                extension="csv"
                request={() => devicesFile({ ...filters, sort })}
              />
            )}
            {manageDevices && (
              <>
                <Button
                  variant="outlined"
                  color="secondary"
                  startIcon={<FileUp size={15} />}
                  onClick={open('import')}
                >
                  Import
                </Button>
                <Button variant="contained" startIcon={<Plus size={16} />} onClick={open('device')}>
                  Add device
                </Button>
              </>
            )}
          </>
        }
      />
      <FilterBar>
        <SearchFilter label="Search name or id" />
        <UrlFilter
          name="type"
          label="Type"
          any="All types"
          options={types.map((type) => ({ value: type, label: type }))}
        />
        <UrlFilter
          name="status"
          label="Status"
          any="All statuses"
          options={optionsOf(kDeviceStatuses)}
        />
        {!wide && (
          <UrlFilter
            name="sort"
            label="Order"
            otherwise="name"
            options={kSortFields.map(({ value, label }) => ({
              value,
              label: `By ${label.toLowerCase()}`,
            }))}
          />
        )}
      </FilterBar>
      <Panel flush>
        <PagedList
          query={query}
          items={devices}
          pageSize={kPageSize}
          noun="device"
          filters={['search', 'type', 'status']}
          empty={{
            icon: Plug,
            title: 'No devices yet',
            text: manageDevices
              ? 'Register the first device, or import many from a CSV file; then issue the credentials with which they publish their readings.'
              : 'An administrator has to register the first device.',
          }}
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
      {manageDevices && asked === 'device' && <CreateDeviceDialog onClose={close} />}
      {manageDevices && asked === 'import' && <ImportDialog onClose={close} />}
    </>
  );
}
