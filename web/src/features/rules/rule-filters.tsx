import { FilterBar, optionsOf, SearchFilter, UrlFilter } from '@/components/ui/filters';
import { useDeviceNames } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';
import type { RuleQuery } from '@/lib/api/types';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { kKindNames, kKinds } from './kinds';

const kStatuses = ['active', 'paused', 'archived'] as const;
const kSeverities = ['critical', 'high', 'medium', 'low'] as const;
const kOrders = [
  { value: 'name', label: 'By name' },
  { value: '-severity', label: 'Most severe first' },
  { value: '-last_triggered', label: 'Last triggered first' },
  { value: '-updated_at', label: 'Last changed first' },
] as const;
const kDevice = 'device:';
const kType = 'type:';

/** The parameters of the URL that leave rules out. */
export const kFilters = ['search', 'status', 'severity', 'kind', 'watches'] as const;

/** What the URL asks for; what is no choice counts as nothing. */
export function useRuleFilters() {
  const { get } = useSearchState();
  const watches = get('watches');
  const after = (prefix: string) =>
    watches.startsWith(prefix) ? watches.slice(prefix.length) : undefined;
  const query: RuleQuery = {
    search: get('search'),
    status: oneOf(kStatuses, get('status')),
    severity: oneOf(kSeverities, get('severity')),
    device_id: after(kDevice),
    device_type: after(kType),
    sort: kOrders.find(({ value }) => value === get('sort'))?.value ?? 'name',
  };
  return { query, kind: oneOf(kKinds, get('kind')), filtered: kFilters.some((name) => get(name)) };
}

export function RuleFilters() {
  const names = useDeviceNames();
  const types = useProfiles().data?.profiles ?? [];
  return (
    <FilterBar>
      <SearchFilter label="Search rules" />
      <UrlFilter name="status" label="Status" any="All statuses" options={optionsOf(kStatuses)} />
      <UrlFilter
        name="severity"
        label="Severity"
        any="All severities"
        options={optionsOf(kSeverities)}
      />
      <UrlFilter
        name="kind"
        label="Condition"
        any="All conditions"
        options={kKinds.map((value) => ({ value, label: kKindNames[value] }))}
      />
      <UrlFilter
        name="watches"
        label="Watches"
        any="All devices"
        options={[
          ...types.map(({ type }) => ({ value: kType + type, label: `Any ${type}` })),
          ...[...names].map(([id, label]) => ({ value: kDevice + id, label })),
        ]}
      />
      <UrlFilter name="sort" label="Order" otherwise="name" options={kOrders} />
    </FilterBar>
  );
}
