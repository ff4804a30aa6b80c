import { useMediaQuery, type Theme } from '@mui/material';
import { ShieldCheck } from 'lucide-react';
import { FilterBar, optionsOf, UrlFilter } from '@/components/ui/filters';
import { ListTabs } from '@/components/ui/list-tabs';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { useAlerts, useAlertSummary } from '@/lib/api/alerts';
import { useDeviceNames } from '@/lib/api/devices';
import type { AlertStatus } from '@/lib/api/types';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { AlertCards, AlertTable } from './alert-list';
import { AlertDrawer } from './alert-drawer';

const kPageSize = 25;
const kSeverities = ['critical', 'high', 'medium', 'low'] as const;
const kSorts = ['-created_at', '-severity', '-last_seen_at', 'created_at'] as const;
const kSortOptions = [
  { value: '-created_at', label: 'Newest first' },
  { value: '-severity', label: 'Most severe first' },
  { value: '-last_seen_at', label: 'Latest reading first' },
  { value: 'created_at', label: 'Oldest first' },
];

interface StatusTab {
  value: string;
  label: string;
  statuses: AlertStatus[] | undefined;
}

const kTabs: readonly StatusTab[] = [
  { value: 'active', label: 'Active', statuses: ['open', 'acknowledged'] },
  { value: 'open', label: 'Open', statuses: ['open'] },
  { value: 'acknowledged', label: 'Acknowledged', statuses: ['acknowledged'] },
  { value: 'resolved', label: 'Resolved', statuses: ['resolved'] },
  { value: 'suppressed', label: 'Suppressed', statuses: ['suppressed'] },
  { value: 'all', label: 'All', statuses: undefined },
];

export function AlertsPage() {
  const { get, page, update } = useSearchState();
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('lg'));
  const names = useDeviceNames();
  const summary = useAlertSummary().data;
  const status = get('status', 'active');
  const tab = kTabs.find(({ value }) => value === status) ?? kTabs[0];
  const severity = oneOf(kSeverities, get('severity'));
  const device = get('device');
  const sort = oneOf(kSorts, get('sort')) ?? '-created_at';
  const query = useAlerts({
    status: tab?.statuses,
    severity: severity && [severity],
    device_id: device === '' ? undefined : device,
    sort,
    page,
    page_size: kPageSize,
  });
  const alerts = query.data?.alerts;
  const selected = get('alert') === '' ? null : get('alert');
  const count = (value: string) => {
    if (!summary) return undefined;
    if (value === 'open') return summary.open;
    return value === 'acknowledged' ? summary.acknowledged : undefined;
  };

  const List = wide ? AlertTable : AlertCards;
  return (
    <>
      <PageHeader title="Alerts" />
      <FilterBar>
        <UrlFilter
          name="severity"
          label="Severity"
          any="All severities"
          options={optionsOf(kSeverities)}
        />
        <UrlFilter
          name="device"
          label="Device"
          any="All devices"
          options={[...names].map(([value, name]) => ({ value, label: name }))}
        />
        <UrlFilter name="sort" label="Order" otherwise="-created_at" options={kSortOptions} />
      </FilterBar>
      <Panel flush>
        <ListTabs
          label="Status"
          value={tab?.value ?? 'active'}
          tabs={kTabs.map(({ value, label }) => ({
            value,
            label: count(value) ? `${label} ${count(value)}` : label,
          }))}
          onChange={(value) => {
            update({ status: value });
          }}
        />
        <PagedList
          query={query}
          items={alerts}
          pageSize={kPageSize}
          noun="alert"
          filters={['severity', 'device']}
          empty={{
            icon: ShieldCheck,
            tone: 'good',
            title: tab?.value === 'active' ? 'Nothing needs attention' : 'No alerts here',
            text: 'An alert appears when a rule holds on a device, and clears when it no longer does.',
          }}
        >
          {(shown) => (
            <List
              alerts={shown}
              names={names}
              selected={selected}
              onSelect={(id) => {
                update({ alert: id, page: String(page) });
              }}
            />
          )}
        </PagedList>
      </Panel>
      <AlertDrawer
        id={selected}
        names={names}
        onClose={() => {
          update({ alert: '', page: String(page) });
        }}
      />
    </>
  );
}
