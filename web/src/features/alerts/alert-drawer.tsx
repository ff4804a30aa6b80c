import { Box, Button, Skeleton, Typography } from '@mui/material';
import { ArrowUpRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { AlertStatusChip, SeverityChip } from '@/components/ui/chips';
import { QuantityText } from '@/components/ui/quantity';
import { RelativeTime } from '@/components/ui/relative-time';
import { SideDrawer } from '@/components/ui/side-drawer';
import { ErrorState } from '@/components/ui/states';
import { useAlert } from '@/lib/api/alerts';
import type { Alert } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { usePermissions } from '@/lib/store/hooks';
import { formatDateTime, parseTime } from '@/lib/time';
import { AlertChart } from './alert-chart';
import { AlertForm } from './alert-form';

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

function Step({ label, time, note }: { label: string; time: string | null; note?: string }) {
  const at = parseTime(time);
  if (at === null) return null;
  return (
    <Box
      component="li"
      sx={{
        position: 'relative',
        pl: 2.5,
        pb: 1.75,
        '&:not(:last-of-type)::before': {
          content: '""',
          position: 'absolute',
          left: 3.5,
          top: 12,
          bottom: -6,
          width: '1px',
          bgcolor: 'line',
        },
      }}
    >
      <Box
        aria-hidden
        sx={{
          position: 'absolute',
          left: 0,
          top: 6,
          width: 8,
          height: 8,
          borderRadius: '50%',
          bgcolor: 'text.disabled',
        }}
      />
      <Typography variant="body2">{label}</Typography>
      <Typography variant="caption" color="textSecondary" component="p">
        {formatDateTime(at)} · <RelativeTime time={time} />
      </Typography>
      {note !== undefined && (
        <Typography variant="body2" sx={{ mt: 0.5, overflowWrap: 'anywhere' }}>
          “{note}”
        </Typography>
      )}
    </Box>
  );
}

function AlertDetails({ alert, deviceName }: { alert: Alert; deviceName: string }) {
  const unit = alert.unit ?? '';
  const commented = alert.comment ?? undefined;
  const resolvedLabel = alert.resolved_by === null ? 'Cleared by itself' : 'Resolved';
  return (
    <Box sx={{ flex: 1, overflowY: 'auto', px: 2.5, pb: 2 }}>
      <Typography variant="body2" sx={{ mb: 2 }}>
        {alert.message}
      </Typography>
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: 'repeat(3, minmax(0, 1fr))',
          p: 2,
          mb: 2,
          borderRadius: 1.25,
          bgcolor: 'sunken',
        }}
      >
        <Figure label="First">
          <QuantityText value={alert.actual_value} unit={unit} size={1.125} />
        </Figure>
        <Figure label="Latest">
          <QuantityText value={alert.latest_value} unit={unit} size={1.125} />
        </Figure>
        <Figure label="Worst">
          <QuantityText
            value={alert.worst_value}
            unit={unit}
            size={1.125}
            color={`severity.${alert.severity}`}
          />
        </Figure>
      </Box>
      <AlertChart alert={alert} />
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mb: 2 }}>
        {alert.property} {describeLimit(alert.operator, alert.threshold_value, unit)} in{' '}
        {alert.reading_count.toLocaleString('en-US')}{' '}
        {alert.reading_count === 1 ? 'reading' : 'readings'}
      </Typography>
      <Button
        component={Link}
        to={`/devices/${encodeURIComponent(alert.device_id)}`}
        size="small"
        variant="outlined"
        color="secondary"
        endIcon={<ArrowUpRight size={15} />}
        sx={{ mb: 3 }}
      >
        {deviceName}
      </Button>
      <Typography variant="h2" sx={{ mb: 1 }}>
        Timeline
      </Typography>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        <Step label="Raised" time={alert.created_at} />
        <Step
          label="Acknowledged"
          time={alert.acknowledged_at}
          note={alert.resolved_by === null ? commented : undefined}
        />
        {alert.resolved_at === null && (
          <Step label="Latest reading beyond the limit" time={alert.last_seen_at} />
        )}
        <Step
          label={resolvedLabel}
          time={alert.resolved_at}
          note={alert.resolved_by === null ? undefined : commented}
        />
      </Box>
    </Box>
  );
}

interface AlertDrawerProps {
  id: string | null;
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}

/** Details of one alert: values, the readings around it, its course, and what can be done. */
export function AlertDrawer({ id, names, onClose }: AlertDrawerProps) {
  const { data: alert, error, refetch } = useAlert(id);
  const { edit } = usePermissions();
  const actionable = alert?.status === 'open' || alert?.status === 'acknowledged';
  return (
    <SideDrawer
      open={id !== null}
      label="Alert"
      title={alert?.rule_name ?? 'Alert'}
      width={460}
      badges={
        alert && (
          <>
            <SeverityChip severity={alert.severity} />
            <AlertStatusChip status={alert.status} />
          </>
        )
      }
      onClose={onClose}
    >
      {alert && (
        <AlertDetails alert={alert} deviceName={names.get(alert.device_id) ?? alert.device_id} />
      )}
      {!alert && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!alert && error === null && (
        <Box sx={{ display: 'grid', gap: 2, px: 2.5 }}>
          <Skeleton variant="rounded" height={72} />
          <Skeleton variant="rounded" height={200} />
        </Box>
      )}
      {alert && actionable && edit && <AlertForm key={alert.id} alert={alert} />}
    </SideDrawer>
  );
}
