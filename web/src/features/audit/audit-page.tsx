import { Alert, Box, Button } from '@mui/material';
import { ScrollText, ShieldCheck } from 'lucide-react';
import { DownloadButton } from '@/components/ui/download-button';
import { FilterBar, SearchFilter, UrlFilter } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { RowList } from '@/components/ui/row-list';
import { auditFile, useAudit, useVerifyAudit } from '@/lib/api/audit';
import { errorMessage } from '@/lib/api/error';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { AuditRow } from './audit-row';

const kPageSize = 25;
const kResources = [
  ['device', 'Devices'],
  ['profile', 'Profiles'],
  ['rule', 'Rules'],
  ['alert', 'Alerts'],
  ['mqtt_credential', 'MQTT credentials'],
  ['mqtt_rule', 'MQTT rules'],
  ['dead_letter', 'Rejected messages'],
  ['user', 'Users'],
  ['session', 'Logins'],
  ['api_key', 'API keys'],
].map(([value = '', label = '']) => ({ value, label }));
const kOrders = [
  { value: '-sequence', label: 'Newest first' },
  { value: 'sequence', label: 'Oldest first' },
];

function Verdict({ check }: { check: ReturnType<typeof useVerifyAudit> }) {
  if (check.error) return <Alert severity="error">{errorMessage(check.error)}</Alert>;
  if (!check.data) return null;
  const { sound, entries, broken, reason } = check.data;
  return sound ? (
    <Alert severity="success">
      The log is whole: {entries.toLocaleString('en-US')} entries, each sealed by the one before.
    </Alert>
  ) : (
    <Alert severity="error">
      Entry {broken}: {reason}. What comes after it proves nothing; the entries before are sound.
    </Alert>
  );
}

/** Who did what; for admins. */
export function AuditPage() {
  const { get, page } = useSearchState();
  const search = get('search');
  const resource = get('resource');
  const sort = get('sort') === 'sequence' ? 'sequence' : '-sequence';
  const filter = {
    search: search === '' ? undefined : search,
    resource_type: resource === '' ? undefined : resource,
  };
  const query = useAudit({ ...filter, sort, page, page_size: kPageSize });
  const check = useVerifyAudit();
  return (
    <>
      <PageHeader
        title="Audit log"
        subtitle={query.data && `${query.data.total.toLocaleString('en-US')} changes`}
        actions={
          <>
            <Button
              variant="outlined"
              color="secondary"
              startIcon={<ShieldCheck size={15} />}
              loading={check.isPending}
              onClick={() => {
                check.mutate();
              }}
            >
              Verify
            </Button>
            <DownloadButton
              text="Export"
              label="Export the matching entries as CSV"
              name="audit"
              extension="csv"
              request={() => auditFile(filter, 'csv')}
            />
          </>
        }
      />
      <Box sx={{ mb: check.data || check.error ? 2 : 0 }}>
        <Verdict check={check} />
      </Box>
      <FilterBar>
        <SearchFilter label="Search person, action, resource" />
        <UrlFilter name="resource" label="Resource" any="All resources" options={kResources} />
        <UrlFilter name="sort" label="Order" otherwise="-sequence" options={kOrders} />
      </FilterBar>
      <Panel flush>
        <PagedList
          query={query}
          items={query.data?.entries}
          pageSize={kPageSize}
          noun="entry"
          filters={['search', 'resource']}
          empty={{
            icon: ScrollText,
            title: 'Nobody changed anything yet',
            text: 'Each change that somebody makes is recorded here, with the state before and after.',
          }}
        >
          {(entries) => (
            <RowList>
              {entries.map((entry) => (
                <AuditRow key={entry.sequence} entry={entry} />
              ))}
            </RowList>
          )}
        </PagedList>
      </Panel>
    </>
  );
}
