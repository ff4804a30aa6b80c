import { Box, Button, Skeleton } from '@mui/material';
import { MailCheck, SearchX } from 'lucide-react';
import { FilterSelect } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { Pager } from '@/components/ui/pager';
import { Panel } from '@/components/ui/panel';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useDeadLetters } from '@/lib/api/dead-letters';
import { useDeviceNames } from '@/lib/api/devices';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { kPresets } from '@/lib/time-range';
import { DeadLetterRow } from './dead-letter-row';
import { deviceChoices, kReasonNames, kReasons } from './reasons';

const kPageSize = 25;
const kReasonOptions = kReasonNames.map((value) => ({ value, label: kReasons[value].label }));
const kRangeOptions = kPresets.map(({ key, label }) => ({ value: key, label: `Last ${label}` }));
const kSorts = ['-received_at', 'received_at', 'reason', 'device_id'] as const;
const kSortOptions = [
  { value: '-received_at', label: 'Newest first' },
  { value: 'received_at', label: 'Oldest first' },
  { value: 'reason', label: 'By reason' },
  { value: 'device_id', label: 'By device' },
];

export function DeadLettersPage() {
  const { get, page, update } = useSearchState();
  const names = useDeviceNames();
  const device = get('device');
  const reason = oneOf(kReasonNames, get('reason'));
  const range = kPresets.find(({ key }) => key === get('range'));
  const sort = oneOf(kSorts, get('sort')) ?? '-received_at';
  const filtered = device !== '' || reason !== undefined || range !== undefined;
  const query = useDeadLetters(
    {
      device_id: device === '' ? undefined : device,
      reason,
      sort,
      page,
      page_size: kPageSize,
    },
    range?.spanMs,
  );
  const letters = query.data?.dead_letters;

  function content() {
    if (query.isError && !letters) {
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (!letters) {
      return (
        <Box sx={{ p: 2.5, display: 'grid', gap: 2 }}>
          {[0, 1, 2, 3].map((key) => (
            <Skeleton key={key} variant="rounded" height={44} />
          ))}
        </Box>
      );
    }
    if (letters.length === 0 && (filtered || page > 1)) {
      return (
        <StateMessage
          icon={SearchX}
          title="No rejected message matches"
          text="Nothing fits these filters."
          action={
            <Button
              variant="outlined"
              color="secondary"
              onClick={() => {
                update({ device: '', reason: '', range: '' });
              }}
            >
              Clear the filters
            </Button>
          }
        />
      );
    }
    if (letters.length === 0) {
      return (
        <StateMessage
          icon={MailCheck}
          tone="good"
          title="Nothing was rejected"
          text="A dead letter is a message that could not become a reading: unreadable, outside what its device may report, or from a device nobody registered. It would be kept here with the reason."
        />
      );
    }
    return (
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {letters.map((letter) => (
          <DeadLetterRow
            key={letter.id}
            letter={letter}
            deviceName={letter.device_id && (names.get(letter.device_id) ?? letter.device_id)}
          />
        ))}
      </Box>
    );
  }

  return (
    <>
      <PageHeader
        title="Rejected"
        subtitle={
          query.data &&
          `${query.data.total.toLocaleString('en-US')} ${filtered ? 'matching' : 'in all'} · not accepted as readings`
        }
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mb: 2 }}>
        <FilterSelect
          label="Reason"
          any="All reasons"
          value={reason ?? ''}
          options={kReasonOptions}
          onChange={(value) => {
            update({ reason: value });
          }}
        />
        <FilterSelect
          label="Device"
          any="All devices"
          value={device}
          options={deviceChoices(names, letters ?? [], device)}
          onChange={(value) => {
            update({ device: value });
          }}
        />
        <FilterSelect
          label="Time"
          any="Any time"
          value={range?.key ?? ''}
          options={kRangeOptions}
          onChange={(value) => {
            update({ range: value });
          }}
        />
        <FilterSelect
          label="Order"
          value={sort}
          options={kSortOptions}
          onChange={(value) => {
            update({ sort: value });
          }}
        />
      </Box>
      <Panel flush>
        {content()}
        {query.data && (
          <Pager
            page={page}
            pageSize={kPageSize}
            total={query.data.total}
            onPage={(next) => {
              update({ page: String(next) });
            }}
          />
        )}
      </Panel>
    </>
  );
}
