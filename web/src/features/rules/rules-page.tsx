import { Box, Button } from '@mui/material';
import { Plus, SlidersHorizontal } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { RowList } from '@/components/ui/row-list';
import { useDeviceNames } from '@/lib/api/devices';
import type { Rule } from '@/lib/api/types';
import { useRowKeys } from '@/lib/hooks/use-row-keys';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { usePermissions } from '@/lib/store/hooks';
import { DeleteRule } from './delete-rule';
import { kFilters, RuleFilters, useRuleFilters } from './rule-filters';
import { RuleRow } from './rule-row';
import { useRuleListing } from './use-rule-listing';
import { useUnits } from './use-units';

const kPageSize = 25;

export function RulesPage() {
  const { page } = useSearchState();
  const { edit } = usePermissions();
  const names = useDeviceNames();
  const nameOf = useCallback((id: string) => names.get(id) ?? id, [names]);
  const unitsOf = useUnits();
  const { query: filters, kind, filtered } = useRuleFilters();
  const { query, data } = useRuleListing({ ...filters, page, page_size: kPageSize }, kind);
  const [deleted, setDeleted] = useState<Rule | null>(null);
  const onKeyDown = useRowKeys();

  const add = (label: string) =>
    edit && (
      <Button component={Link} to="/rules/new" variant="contained" startIcon={<Plus size={16} />}>
        {label}
      </Button>
    );

  return (
    <>
      <PageHeader
        title="Rules"
        subtitle={data && `${data.total} ${filtered ? 'matching' : 'in all'}`}
        actions={add('New rule')}
      />
      <RuleFilters />
      <Panel flush>
        <PagedList
          query={query}
          items={data?.rules}
          pageSize={kPageSize}
          noun="rule"
          filters={kFilters}
          empty={{
            icon: SlidersHorizontal,
            title: 'No rules yet',
            text: 'A rule watches the readings of one device or of many, and raises an alert while they are beyond a limit.',
            action: add('Create the first rule'),
          }}
        >
          {(shown) => (
            <Box onKeyDown={onKeyDown}>
              <RowList>
                {shown.map((rule) => (
                  <RuleRow
                    key={rule.id}
                    rule={rule}
                    nameOf={nameOf}
                    unitOf={unitsOf(rule)}
                    onDelete={() => {
                      setDeleted(rule);
                    }}
                  />
                ))}
              </RowList>
            </Box>
          )}
        </PagedList>
      </Panel>
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
