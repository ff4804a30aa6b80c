import type { AlertQuery, AlertStatus } from '@/lib/api/types';
import { oneOf } from '@/lib/hooks/use-search-state';
import { kPresets } from '@/lib/time-range';
import { kSeverities } from './severity-counts';

const kFields = [
  'created_at',
  'severity',
  'last_seen_at',
  'status',
  'device_id',
  'rule_name',
] as const;
const kSorts = kFields.flatMap((field) => [field, `-${field}`] as const);

export const kSortOptions = [
  { value: '-created_at', label: 'Newest first' },
  { value: '-severity', label: 'Most severe first' },
  { value: '-last_seen_at', label: 'Latest reading first' },
  { value: 'created_at', label: 'Oldest first' },
];
export const kAssignedOptions = [
  { value: 'me', label: 'Mine' },
  { value: 'none', label: "Nobody's" },
];
export const kShelvedOptions = [
  { value: 'include', label: 'Shelved too' },
  { value: 'only', label: 'Only shelved' },
];
export const kRangeOptions = kPresets.map(({ key, label }) => ({
  value: key,
  label: `Last ${label}`,
}));

/** The parameters of the URL that leave alerts out; the tabs are not among them. */
export const kFilterNames = ['search', 'severity', 'device', 'assigned', 'shelved', 'range'];

interface StatusTab {
  value: string;
  label: string;
  statuses: AlertStatus[] | undefined;
}

const kActive: StatusTab = {
  value: 'active',
  label: 'Active',
  statuses: ['open', 'acknowledged'],
};

export const kTabs: readonly StatusTab[] = [
  kActive,
  { value: 'open', label: 'Open', statuses: ['open'] },
  { value: 'acknowledged', label: 'Acknowledged', statuses: ['acknowledged'] },
  { value: 'resolved', label: 'Resolved', statuses: ['resolved'] },
  { value: 'suppressed', label: 'Suppressed', statuses: ['suppressed'] },
  { value: 'all', label: 'All', statuses: undefined },
];

/** What the URL says; what it says wrongly counts as not said. */
export function alertFilters(get: (name: string, otherwise?: string) => string) {
  const given = (name: string) => (get(name) === '' ? undefined : get(name));
  const tab = kTabs.find(({ value }) => value === get('status', kActive.value)) ?? kActive;
  const severity = oneOf(kSeverities, get('severity'));
  const query: AlertQuery = {
    status: tab.statuses,
    severity: severity && [severity],
    device_id: given('device'),
    assigned_to: oneOf(['me', 'none'], get('assigned')),
    shelved: oneOf(['include', 'only'], get('shelved')),
    search: given('search'),
  };
  return {
    tab,
    severity,
    sort: oneOf(kSorts, get('sort')) ?? '-created_at',
    query,
    spanMs: kPresets.find(({ key }) => key === get('range'))?.spanMs,
  };
}
