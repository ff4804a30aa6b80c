import { Box, Typography } from '@mui/material';
import { Sparkline } from '@/components/charts/sparkline';
import { useAlertSummary } from '@/lib/api/alerts';
import { useDevices } from '@/lib/api/devices';
import { useIngest } from '@/lib/api/telemetry';
import type { AlertSummary, Severity } from '@/lib/api/types';
import { formatCount, formatRate, formatShare } from '@/lib/units';
import { KpiTile } from './kpi-tile';

const kSeverities: Severity[] = ['critical', 'high', 'medium', 'low'];

/** Parts of a whole as one bar; nothing at all is an empty track. */
function ShareBar({ parts }: { parts: readonly { key: string; share: number; color: string }[] }) {
  return (
    <Box
      aria-hidden
      sx={{
        display: 'flex',
        gap: '2px',
        height: 6,
        borderRadius: 3,
        overflow: 'hidden',
        bgcolor: 'sunken',
      }}
    >
      {parts
        .filter(({ share }) => share > 0)
        .map(({ key, share, color }) => (
          <Box key={key} sx={{ flexGrow: share, flexBasis: 0, bgcolor: color }} />
        ))}
    </Box>
  );
}

function silentText(total: number, reporting: number): string {
  if (total === 0) return 'None registered yet';
  return total === reporting ? 'None silent' : `${total - reporting} silent`;
}

function DevicesTile() {
  const devices = useDevices({ page_size: 1 });
  const ingest = useIngest();
  const total = devices.data?.total ?? 0;
  const reporting = Math.min(ingest.data?.latest.devices_reporting ?? 0, total);
  return (
    <KpiTile
      label="Devices reporting"
      value={reporting}
      suffix={`of ${total}`}
      loading={devices.isPending || ingest.isPending}
      failed={devices.isLoadingError || ingest.isLoadingError}
      to="/devices"
    >
      <ShareBar
        parts={[
          { key: 'reporting', share: reporting, color: 'success.main' },
          { key: 'silent', share: total - reporting, color: 'transparent' },
        ]}
      />
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 0.75 }}>
        {silentText(total, reporting)}
      </Typography>
    </KpiTile>
  );
}

function severityText(summary: AlertSummary): string {
  const parts = kSeverities
    .filter((severity) => summary.by_severity[severity] > 0)
    .map((severity) => `${summary.by_severity[severity]} ${severity}`);
  return parts.length === 0 ? `${summary.resolved_24h} resolved in 24 h` : parts.join(', ');
}

function AlertsTile() {
  const { data, isPending, isLoadingError } = useAlertSummary();
  return (
    <KpiTile
      label="Open alerts"
      value={<span data-testid="open-alerts-count">{data?.open ?? 0}</span>}
      suffix={data && data.acknowledged > 0 ? `+ ${data.acknowledged} acknowledged` : undefined}
      loading={isPending}
      failed={isLoadingError}
      to="/alerts"
    >
      <ShareBar
        parts={kSeverities.map((severity) => ({
          key: severity,
          share: data?.by_severity[severity] ?? 0,
          color: `severity.${severity}`,
        }))}
      />
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 0.75 }}>
        {data && severityText(data)}
      </Typography>
    </KpiTile>
  );
}

function RateTile() {
  const { data, isPending, isLoadingError } = useIngest();
  const points = (data?.rates ?? []).map((rate, index): [number, number] => [index, rate]);
  return (
    <KpiTile
      label="Readings/s"
      value={formatRate(data?.latest.rate_per_s ?? 0)}
      loading={isPending}
      failed={isLoadingError}
    >
      <Sparkline
        points={points}
        color="primary.main"
        height={34}
        fromZero
        label="Ingest rate, last minutes"
      />
    </KpiTile>
  );
}

function QualityTile() {
  const { data, isPending, isLoadingError } = useIngest();
  const accepted = data?.latest.accepted_total ?? 0;
  const rejected = data?.latest.rejected_total ?? 0;
  return (
    <KpiTile
      label="Accepted readings"
      value={formatShare(accepted, accepted + rejected)}
      loading={isPending}
      failed={isLoadingError}
      to="/dead-letters"
    >
      <ShareBar
        parts={[
          { key: 'accepted', share: accepted, color: 'primary.main' },
          { key: 'rejected', share: rejected, color: 'error.main' },
        ]}
      />
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 0.75 }}>
        {formatCount(rejected)} of {formatCount(accepted + rejected)} rejected
      </Typography>
    </KpiTile>
  );
}

export function KpiRow() {
  return (
    <Box
      sx={{
        display: 'grid',
        gap: { xs: 1.25, sm: 2 },
        gridTemplateColumns: {
          xs: 'repeat(2, minmax(0, 1fr))',
          lg: 'repeat(4, minmax(0, 1fr))',
        },
      }}
    >
      <DevicesTile />
      <AlertsTile />
      <RateTile />
      <QualityTile />
    </Box>
  );
}
