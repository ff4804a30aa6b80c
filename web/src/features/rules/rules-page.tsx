import { Button } from '@mui/material';
import { Plus, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { FilterBar, optionsOf, SearchFilter, UrlFilter } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { RowList } from '@/components/ui/row-list';
import { useDeviceNames } from '@/lib/api/devices';
import { useRuleChange, useRules } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { useNotify, usePermissions } from '@/lib/store/hooks';
import { RuleDialog } from './rule-dialog';
import { watchedBy } from './rule-draft';
import { RuleRow } from './rule-row';
import { useUnits } from './use-units';

const kPageSize = 25;
const kStatuses = ['active', 'paused', 'archived'] as const;
const kSeverities = ['critical', 'high', 'medium', 'low'] as const;

function DeleteRule({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const change = useRuleChange();
  const notify = useNotify();
  return (
    <ConfirmDialog
      open
      title={`Delete ${rule.name}?`}
      confirm="Delete rule"
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() => {
        change.mutate(
          { kind: 'delete', id: rule.id },
          {
            onSuccess: () => {
              notify('success', `${rule.name} was deleted.`);
              onClose();
            },
          },
        );
      }}
    >
      Its alerts, past ones too, go with it. To stop it for a while, pause it instead.
    </ConfirmDialog>
  );
}

export function RulesPage() {
  const { get, page } = useSearchState();
  const { edit } = usePermissions();
  const names = useDeviceNames();
  const unitOf = useUnits();
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const [deleted, setDeleted] = useState<Rule | null>(null);
  const filters = {
    search: get('search'),
    status: oneOf(kStatuses, get('status')),
    severity: oneOf(kSeverities, get('severity')),
    device_id: get('device') === '' ? undefined : get('device'),
  };
  const filtered = Object.values(filters).some(Boolean);
  const query = useRules({ ...filters, page, page_size: kPageSize });
  const rules = query.data?.rules;

  const add = (label: string) =>
    edit && (
      <Button
        variant="contained"
        startIcon={<Plus size={16} />}
        onClick={() => {
          setEdited('new');
        }}
      >
        {label}
      </Button>
    );

  return (
    <>
      <PageHeader
        title="Rules"
        subtitle={query.data && `${query.data.total} ${filtered ? 'matching' : 'in all'}`}
        actions={add('New rule')}
      />
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
          name="device"
          label="Device"
          any="All devices"
          options={[...names].map(([value, label]) => ({ value, label }))}
        />
      </FilterBar>
      <Panel flush>
        <PagedList
          query={query}
          items={rules}
          pageSize={kPageSize}
          noun="rule"
          filters={['search', 'status', 'severity', 'device']}
          empty={{
            icon: SlidersHorizontal,
            title: 'No rules yet',
            text: 'A rule watches one field of a device and raises an alert while it is beyond a limit.',
            action: add('Create the first rule'),
          }}
        >
          {(shown) => (
            <RowList>
              {shown.map((rule) => (
                <RuleRow
                  key={rule.id}
                  rule={rule}
                  deviceName={watchedBy(rule, names)}
                  unit={unitOf(rule.device_id ?? '', rule.property)}
                  onEdit={() => {
                    setEdited(rule);
                  }}
                  onDelete={() => {
                    setDeleted(rule);
                  }}
                />
              ))}
            </RowList>
          )}
        </PagedList>
      </Panel>
      {edited !== null && (
        <RuleDialog
          rule={edited === 'new' ? null : edited}
          onClose={() => {
            setEdited(null);
          }}
        />
      )}
      {deleted && (
        <DeleteRule
          rule={deleted}
          onClose={() => {
            setDeleted(null);
          }}
        />
      )}
    </>
  );
}
