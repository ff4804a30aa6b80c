import { Box, Link as TextLink, Skeleton, Tooltip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import { ErrorState } from '@/components/ui/states';
import { useDeviceIngest } from '@/lib/api/devices';
import type { DeviceIngest } from '@/lib/api/types';
import { formatDuration, formatShort, parseTime } from '@/lib/time';

const kReasons: Record<keyof DeviceIngest['rejected'], string> = {
  parse_error: 'unreadable',
  validation_error: 'invalid',
  unknown_device: 'unknown device',
  write_error: 'not written',
};

/** `2 unreadable, 1 invalid`; empty when nothing was rejected. */
export function describeRejected(rejected: DeviceIngest['rejected']): string {
  return (Object.keys(kReasons) as (keyof typeof kReasons)[])
    .map((reason) => ({ reason, count: rejected[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ reason, count }) => `${count.toLocaleString('en-US')} ${kReasons[reason]}`)
    .join(', ');
}

function Count(props: { name: string; hint: string; value: number; note?: ReactNode }) {
  const { name, hint, value, note } = props;
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateColumns: '1fr auto',
        columnGap: 2,
        px: { xs: 2, sm: 2.5 },
        py: 0.875,
        '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      <Tooltip title={hint} placement="left">
        <Typography variant="body2" color="textSecondary" component="dt">
          {name}
        </Typography>
      </Tooltip>
      <Typography
        variant="body2"
        component="dd"
        className="numeric"
        sx={{ m: 0, fontWeight: 560, color: value === 0 ? 'text.secondary' : 'text.primary' }}
      >
        {value.toLocaleString('en-US')}
      </Typography>
      {note !== undefined && (
        <Typography
          variant="caption"
          color="textSecondary"
          component="dd"
          sx={{ m: 0, gridColumn: '1 / -1' }}
        >
          {note}
        </Typography>
      )}
    </Box>
  );
}

function Counts({ ingest }: { ingest: DeviceIngest }) {
  const rejected = Object.values(ingest.rejected).reduce((sum, count) => sum + count, 0);
  const start = parseTime(ingest.last_gap?.start);
  const end = parseTime(ingest.last_gap?.end);
  return (
    <Box component="dl" data-testid="arrival" sx={{ m: 0, pb: 0.5 }}>
      <Count name="Received" hint="Readings that were stored" value={ingest.received} />
      <Count
        name="Rejected"
        hint="Messages that were not accepted"
        value={rejected}
        note={
          rejected === 0 ? undefined : (
            <>
              {describeRejected(ingest.rejected)} ·{' '}
              <TextLink
                component={Link}
                to={`/dead-letters?device=${encodeURIComponent(ingest.device_id)}`}
                color="inherit"
              >
                show
              </TextLink>
            </>
          )
        }
      />
      <Count
        name="Duplicates"
        hint="A time that one of the last 32 readings had"
        value={ingest.duplicates}
      />
      <Count
        name="Out of order"
        hint="Older than a reading before it"
        value={ingest.out_of_order}
      />
      <Count
        name="Late"
        hint="Three reporting intervals after its time, a minute at the least"
        value={ingest.late}
      />
      <Count name="Outside nominal" hint="Accepted, and flagged" value={ingest.flagged} />
      <Count
        name="Gaps"
        hint="Steps of more than one and a half reporting intervals"
        value={ingest.gaps}
        note={
          start !== null && end !== null
            ? `about ${ingest.missed.toLocaleString('en-US')} missed; the last gap ${formatDuration(end - start)} from ${formatShort(start)}`
            : undefined
        }
      />
    </Box>
  );
}

/** How well the readings of a device arrive. */
export function ArrivalPanel({ deviceId }: { deviceId: string }) {
  const query = useDeviceIngest(deviceId);
  function content() {
    if (query.data) return <Counts ingest={query.data} />;
    if (query.isError) {
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    return <Skeleton variant="rounded" height={220} sx={{ mx: 2, mb: 2 }} />;
  }
  return (
    <Panel
      flush
      title="Arrival"
      subtitle={
        query.data && (
          <>
            Since the program started · last message{' '}
            <RelativeTime time={query.data.last_received_at} otherwise="none yet" />
          </>
        )
      }
    >
      {content()}
    </Panel>
  );
}
