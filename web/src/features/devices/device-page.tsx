import { Box, Button, Skeleton } from '@mui/material';
import { Unplug } from 'lucide-react';
import { useCallback, useMemo, type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { BackLink } from '@/components/ui/back-link';
import { DeviceStatusChip } from '@/components/ui/chips';
import { PageHeader } from '@/components/ui/page-header';
import { RelativeTime } from '@/components/ui/relative-time';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useRangeAlerts } from '@/lib/api/alerts';
import { useDevice } from '@/lib/api/devices';
import { ApiError } from '@/lib/api/error';
import type { Device } from '@/lib/api/types';
import { readingValue } from '@/lib/fields';
import { readRange, writeRange, type TimeRange } from '@/lib/time-range';
import { ArrivalPanel } from './arrival-panel';
import { DeviceActions } from './device-actions';
import { DeviceDetails } from './device-details';
import { FieldCharts } from './field-charts';
import { FieldTile } from './field-tile';
import { StatisticsPanel } from './statistics-panel';
import { useChartSettings } from './use-chart-settings';
import { useDeviceView } from './use-device-view';

interface DevicePageProps {
  id: string;
  /** Stands beside the charts: what other features have to say about the device. */
  aside: ReactNode;
}

/** The range in the URL; the same object until the URL changes, because queries and charts hang on it. */
function useRange(): [TimeRange, (range: TimeRange) => void] {
  const [search, setSearch] = useSearchParams();
  const range = useMemo(() => readRange(search), [search]);
  const setRange = useCallback(
    (next: TimeRange) => {
      setSearch((before) => writeRange(before, next));
    },
    [setSearch],
  );
  return [range, setRange];
}

function LoadedDevice({ device, aside }: { device: Device; aside: ReactNode }) {
  const [range, setRange] = useRange();
  const [settings, setSettings] = useChartSettings(range);
  const { fields, latest, lastSeen, online } = useDeviceView(device);
  const alerts = useRangeAlerts(device.id, range);

  return (
    <>
      <PageHeader
        above={<BackLink to="/devices">Devices</BackLink>}
        title={device.name}
        badge={<DeviceStatusChip status={device.status} online={online} />}
        subtitle={
          <>
            {[device.id, device.type, device.location].filter(Boolean).join(' · ')} · last reading{' '}
            <RelativeTime time={lastSeen} />
          </>
        }
        actions={<DeviceActions device={device} />}
      />
      <Box
        sx={{
          display: 'grid',
          gap: { xs: 1.25, sm: 2 },
          mb: 2,
          gridTemplateColumns: {
            xs: 'repeat(2, minmax(0, 1fr))',
            md: 'repeat(auto-fit, minmax(150px, 1fr))',
          },
        }}
      >
        {fields.map((field) => (
          <FieldTile key={field.name} field={field} value={readingValue(latest, field.name)} />
        ))}
      </Box>
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 340px' },
        }}
      >
        <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
          <FieldCharts
            deviceId={device.id}
            fields={fields}
            alerts={alerts}
            range={range}
            onRange={setRange}
            settings={settings}
            onSettings={setSettings}
          />
          <StatisticsPanel
            deviceId={device.id}
            range={range}
            fields={fields}
            chosen={settings.fields}
          />
        </Box>
        <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
          {aside}
          <ArrivalPanel deviceId={device.id} />
          <DeviceDetails device={device} />
        </Box>
      </Box>
    </>
  );
}

export function DevicePage({ id, aside }: DevicePageProps) {
  const query = useDevice(id);
  if (query.data) return <LoadedDevice key={id} device={query.data} aside={aside} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <StateMessage
        icon={Unplug}
        title={`There is no device ${id}`}
        text="It may have been deleted, or the address is mistyped."
        action={
          <Button component={Link} to="/devices" variant="contained">
            All devices
          </Button>
        }
      />
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Box sx={{ display: 'grid', gap: 2 }} role="status" aria-label="Loading">
      <Skeleton variant="rounded" width={260} height={34} />
      <Skeleton variant="rounded" height={120} />
      <Skeleton variant="rounded" height={480} />
    </Box>
  );
}
