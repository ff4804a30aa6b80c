import { useMediaQuery, type Theme } from '@mui/material';
import { ShieldCheck } from 'lucide-react';
import { Navigate, useNavigate } from 'react-router';
import { FilterBar, SearchFilter, UrlFilter } from '@/components/ui/filters';
import { ListTabs } from '@/components/ui/list-tabs';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { useAlerts, useAlertSummary } from '@/lib/api/alerts';
import { useDeviceNames } from '@/lib/api/devices';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { useAlertStream } from '@/lib/live/alert-stream';
import { usePermissions } from '@/lib/store/hooks';
import {
  alertFilters,
  kAssignedOptions,
  kFilterNames,
  kRangeOptions,
  kShelvedOptions,
  kSortOptions,
  kTabs,
} from './alert-filters';
import { AlertInsights } from './alert-insights';
import { AlertCards, AlertTable } from './alert-list';
import { BulkBar } from './bulk-bar';
import { SeverityCounts } from './severity-counts';
import { useSelection } from './use-selection';

const kPageSize = 25;

/** The alerts that match the filters, which live in the URL; renewed as they change. */
function AlertsList() {
  useAlertStream();
  const { get, page, update } = useSearchState();
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('lg'));
  const navigate = useNavigate();
  const names = useDeviceNames();
  const summary = useAlertSummary().data;
  const { edit } = usePermissions();
  const { tab, severity, sort, query: filter, spanMs } = alertFilters(get);
  const query = useAlerts({ ...filter, sort, page, page_size: kPageSize }, spanMs);
  const { selected, toggle, set } = useSelection(query.data?.alerts);
  const count = (value: string) => {
    if (!summary) return undefined;
    if (value === 'open') return summary.open;
    return value === 'acknowledged' ? summary.acknowledged : undefined;
  };
  return (
    <>
      <PageHeader title="Alerts" />
      <SeverityCounts
        counts={summary?.by_severity}
        chosen={severity}
        onChoose={(next) => {
          update({ severity: next ?? '' });
        }}
      />
      <FilterBar>
        <SearchFilter label="Search rule, device, comment" />
        <UrlFilter
          name="device"
          label="Device"
          any="All devices"
          options={[...names].map(([value, name]) => ({ value, label: name }))}
        />
        <UrlFilter name="assigned" label="Assigned" any="Anybody's" options={kAssignedOptions} />
        <UrlFilter name="shelved" label="Shelved" any="Not shelved" options={kShelvedOptions} />
        <UrlFilter name="range" label="Time" any="Any time" options={kRangeOptions} />
        <UrlFilter name="sort" label="Order" otherwise="-created_at" options={kSortOptions} />
      </FilterBar>
      {/* Not clipped, so that the bar of the selection can stick to the lower edge. */}
      <Panel flush sx={{ overflow: 'visible' }}>
        <ListTabs
          label="Status"
          value={tab.value}
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
          items={query.data?.alerts}
          pageSize={kPageSize}
          noun="alert"
          filters={kFilterNames}
          empty={{
            icon: ShieldCheck,
            tone: 'good',
            title: tab.value === 'active' ? 'Nothing needs attention' : 'No alerts here',
            text: 'An alert appears when a rule holds on a device, and clears when it no longer does.',
          }}
        >
          {(shown) => {
            const list = {
              alerts: shown,
              names,
              selected,
              onToggle: edit ? toggle : undefined,
              onToggleAll: () => {
                set(selected.size === shown.length ? [] : shown.map(({ id }) => id));
              },
              onOpen: (id: string) => void navigate(`/alerts/${id}`),
            };
            return wide ? (
              <AlertTable
                {...list}
                sort={sort}
                onSort={(next) => {
                  update({ sort: next });
                }}
              />
            ) : (
              <AlertCards {...list} />
            );
          }}
        </PagedList>
        <BulkBar
          selected={selected}
          onDone={() => {
            set([]);
          }}
        />
      </Panel>
      <AlertInsights names={names} />
    </>
  );
}

export function AlertsPage() {
  // Links of before alerts had pages of their own.
  const linked = useSearchState().get('alert');
  return linked === '' ? <AlertsList /> : <Navigate to={`/alerts/${linked}`} replace />;
}
