import { MailCheck } from 'lucide-react';
import { DownloadButton } from '@/components/ui/download-button';
import { FilterBar, UrlFilter } from '@/components/ui/filters';
import { PageHeader } from '@/components/ui/page-header';
import { PagedList } from '@/components/ui/paged-list';
import { Panel } from '@/components/ui/panel';
import { RowList } from '@/components/ui/row-list';
import { deadLettersFile, useDeadLetters } from '@/lib/api/dead-letters';
import { useDeviceNames } from '@/lib/api/devices';
import { oneOf, useSearchState } from '@/lib/hooks/use-search-state';
import { kPresets } from '@/lib/time-range';
import { DeadLetterActions } from './dead-letter-actions';
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
  const { get, page } = useSearchState();
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
  const filter = () => ({
    device_id: device === '' ? undefined : device,
    reason,
    start: range && new Date(Date.now() - range.spanMs).toISOString(),
  });

  const subject = `all ${(query.data?.total ?? 0).toLocaleString('en-US')} ${filtered ? 'matching ' : ''}messages`;
  return (
    <>
      <PageHeader
        title="Rejected"
        subtitle={
          query.data &&
          `${query.data.total.toLocaleString('en-US')} ${filtered ? 'matching' : 'in all'} · not accepted as readings`
        }
        actions={
          query.data &&
          query.data.total > 0 && (
            <>
              <DownloadButton
                text="Export"
                label={`Export ${subject}`}
                name="rejected"
                extension="ndjson"
                request={() => deadLettersFile(filter())}
              />
              <DeadLetterActions target={() => ({ filter: filter() })} subject={subject} />
            </>
          )
        }
      />
      <FilterBar>
        <UrlFilter name="reason" label="Reason" any="All reasons" options={kReasonOptions} />
        <UrlFilter
          name="device"
          label="Device"
          any="All devices"
          options={deviceChoices(names, letters ?? [], device)}
        />
        <UrlFilter name="range" label="Time" any="Any time" options={kRangeOptions} />
        <UrlFilter name="sort" label="Order" otherwise="-received_at" options={kSortOptions} />
      </FilterBar>
      <Panel flush>
        <PagedList
          query={query}
          items={letters}
          pageSize={kPageSize}
          noun="rejected message"
          filters={['device', 'reason', 'range']}
          empty={{
            icon: MailCheck,
            tone: 'good',
            title: 'Nothing was rejected',
            text: 'A dead letter is a message that could not become a reading: unreadable, outside what its device may report, or from a device nobody registered. It would be kept here with the reason.',
          }}
        >
          {(shown) => (
            <RowList>
              {shown.map((letter) => (
                <DeadLetterRow
                  key={letter.id}
                  letter={letter}
                  deviceName={letter.device_id && (names.get(letter.device_id) ?? letter.device_id)}
                />
              ))}
            </RowList>
          )}
        </PagedList>
      </Panel>
    </>
  );
}
