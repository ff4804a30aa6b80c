import { Box, Button, Link as TextLink, Skeleton, Typography } from '@mui/material';
import { ChevronLeft, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { AlertStatusChip, SeverityChip } from '@/components/ui/chips';
import { DetailRow } from '@/components/ui/detail-row';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { QuantityText } from '@/components/ui/quantity';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useAlert, useAssignees } from '@/lib/api/alerts';
import { useDeviceNames } from '@/lib/api/devices';
import { ApiError } from '@/lib/api/error';
import type { AlertDetail } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { useNow } from '@/lib/hooks/use-now';
import { useAlertStream } from '@/lib/live/alert-stream';
import { usePermissions } from '@/lib/store/hooks';
import { formatDateTime, parseTime } from '@/lib/time';
import { AlertChart } from './alert-chart';
import { describeDuration } from './alert-duration';
import { AlertHistory } from './alert-history';
import { ChatteringChip, ShelvedChip } from './alert-marks';
import { AlertWork } from './alert-work';

function BackLink() {
  return (
    <TextLink
      component={Link}
      to="/alerts"
      underline="hover"
      color="textSecondary"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.5,
        fontSize: '0.8125rem',
        mb: 0.5,
      }}
    >
      <ChevronLeft size={15} aria-hidden />
      Alerts
    </TextLink>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="caption" color="textSecondary" component="p">
        {label}
      </Typography>
      {children}
    </Box>
  );
}

function Figures({ alert }: { alert: AlertDetail }) {
  const unit = alert.unit ?? '';
  const values = [
    { label: 'First', value: alert.actual_value },
    { label: 'Latest', value: alert.latest_value },
    { label: 'Worst', value: alert.worst_value, color: `severity.${alert.severity}` },
    { label: 'Threshold', value: alert.threshold_value },
  ];
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', sm: 'repeat(4, minmax(0, 1fr))' },
        p: 2,
        mb: 2,
        borderRadius: 1.25,
        bgcolor: 'sunken',
      }}
    >
      {values.map(({ label, value, color }) => (
        <Figure key={label} label={label}>
          <QuantityText value={value} unit={unit} size={1.25} color={color} />
        </Figure>
      ))}
    </Box>
  );
}

function Facts({ alert, deviceName }: { alert: AlertDetail; deviceName: string }) {
  const now = useNow();
  const at = (time: string) => formatDateTime(parseTime(time) ?? 0);
  return (
    <Panel title="Facts">
      <Box component="dl" sx={{ m: 0 }}>
        <DetailRow name="Device">
          <TextLink component={Link} to={`/devices/${encodeURIComponent(alert.device_id)}`}>
            {deviceName}
          </TextLink>
        </DetailRow>
        <DetailRow name="Field">{alert.property}</DetailRow>
        <DetailRow name="Began">{at(alert.created_at)}</DetailRow>
        <DetailRow name="Latest reading">{at(alert.last_seen_at)}</DetailRow>
        <DetailRow name="Duration">{describeDuration(alert, now)}</DetailRow>
        <DetailRow name="Readings">{alert.reading_count.toLocaleString('en-US')}</DetailRow>
        <DetailRow name="Within the hour">
          {alert.episodes_per_hour === 1 ? 'Only this alert' : `${alert.episodes_per_hour} alerts`}
        </DetailRow>
      </Box>
    </Panel>
  );
}

function LoadedAlert({ alert }: { alert: AlertDetail }) {
  const names = useDeviceNames();
  const assignees = useAssignees();
  const { edit } = usePermissions();
  const deviceName = names.get(alert.device_id) ?? alert.device_id;
  const nameOf = (id: string) => assignees.find((user) => user.id === id)?.full_name ?? 'somebody';
  return (
    <>
      <PageHeader
        above={<BackLink />}
        title={alert.rule_name}
        badge={
          <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1.5 }}>
            <SeverityChip severity={alert.severity} />
            <AlertStatusChip status={alert.status} />
            <ShelvedChip alert={alert} />
            <ChatteringChip alert={alert} />
          </Box>
        }
        subtitle={`${deviceName} · ${alert.property} ${describeLimit(alert.operator, alert.threshold_value, alert.unit ?? '')}`}
      />
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 360px' },
        }}
      >
        <Panel title="Readings around it">
          <Figures alert={alert} />
          <AlertChart alert={alert} />
        </Panel>
        {edit && <AlertWork alert={alert} />}
        <Panel title="History">
          <AlertHistory history={alert.history} nameOf={nameOf} />
        </Panel>
        <Facts alert={alert} deviceName={deviceName} />
      </Box>
    </>
  );
}

/** One alert: its values, the readings around it, what happened to it, and what can be done. */
export function AlertPage({ id }: { id: string }) {
  useAlertStream();
  const query = useAlert(id);
  if (query.data) return <LoadedAlert alert={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <StateMessage
        icon={SearchX}
        title="There is no such alert"
        text="It went with its rule or its device, or the address is mistyped."
        action={
          <Button component={Link} to="/alerts" variant="contained">
            All alerts
          </Button>
        }
      />
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Box sx={{ display: 'grid', gap: 2 }} role="status" aria-label="Loading">
      <Skeleton variant="rounded" width={260} height={34} />
      <Skeleton variant="rounded" height={340} />
      <Skeleton variant="rounded" height={220} />
    </Box>
  );
}
