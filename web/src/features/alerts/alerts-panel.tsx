import { Box, Button, Skeleton, Typography } from '@mui/material';
import { ArrowRight, ShieldCheck } from 'lucide-react';
import { Link } from 'react-router';
import { SeverityChip } from '@/components/ui/chips';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useAlerts } from '@/lib/api/alerts';
import { useDeviceNames } from '@/lib/api/devices';
import type { Alert } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { formatValue } from '@/lib/units';
import { AcknowledgeButton } from './acknowledge-button';

interface AlertsPanelProps {
  /** Only alerts of this device. */
  deviceId?: string;
  limit?: number;
}

function AlertItem({ alert, deviceName }: { alert: Alert; deviceName: string | null }) {
  const unit = alert.unit ?? '';
  return (
    <Box
      component="li"
      data-testid="alert-row"
      sx={{
        position: 'relative',
        px: 2.5,
        py: 1.5,
        borderTop: 1,
        borderColor: 'line',
        '&::before': {
          content: '""',
          position: 'absolute',
          left: 0,
          insetBlock: 0,
          width: 3,
          bgcolor: `severity.${alert.severity}`,
        },
      }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 0.25 }}>
        <Typography
          variant="h3"
          noWrap
          component={Link}
          to={`/alerts/${alert.id}`}
          sx={{
            flex: 1,
            color: 'text.primary',
            textDecoration: 'none',
            '&:hover': { textDecoration: 'underline' },
          }}
        >
          {alert.rule_name}
        </Typography>
        <SeverityChip severity={alert.severity} />
      </Box>
      <Typography variant="body2" color="textSecondary">
        {deviceName !== null && (
          <Box component="span" sx={{ color: 'text.primary', fontWeight: 550 }}>
            {deviceName}{' '}
          </Box>
        )}
        {alert.property}{' '}
        <Box component="span" sx={{ color: 'text.primary', fontWeight: 600 }}>
          {formatValue(alert.latest_value, unit)}
        </Box>
        , {describeLimit(alert.operator, alert.threshold_value, unit)}
      </Typography>
      <Box sx={{ display: 'flex', alignItems: 'center', minHeight: 30, mt: 0.5 }}>
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>
          {alert.status === 'acknowledged' ? 'Acknowledged' : 'Since'}{' '}
          <RelativeTime
            time={alert.status === 'acknowledged' ? alert.acknowledged_at : alert.created_at}
          />
        </Typography>
        <AcknowledgeButton alert={alert} />
      </Box>
    </Box>
  );
}

/** Alerts that still need somebody, the newest first. */
export function AlertsPanel({ deviceId, limit = 6 }: AlertsPanelProps) {
  const query = useAlerts({
    status: ['open', 'acknowledged'],
    device_id: deviceId,
    page_size: limit,
    sort: '-created_at',
  });
  const names = useDeviceNames();
  const alerts = query.data?.alerts;
  const more = (query.data?.total ?? 0) - (alerts?.length ?? 0);
  const link = deviceId ? `/alerts?device=${encodeURIComponent(deviceId)}` : '/alerts';

  function content() {
    if (query.isError && !alerts) {
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (!alerts) {
      return (
        <Box sx={{ display: 'grid', gap: 1.5, px: 2.5, pb: 2 }}>
          {[0, 1, 2].map((key) => (
            <Skeleton key={key} variant="rounded" height={64} />
          ))}
        </Box>
      );
    }
    if (alerts.length === 0) {
      return (
        <StateMessage
          compact
          icon={ShieldCheck}
          tone="good"
          title="Nothing needs attention"
          text="No rule holds right now. What it takes to raise an alert is set on the rules page."
        />
      );
    }
    return (
      <RowList>
        {alerts.map((alert) => (
          <AlertItem
            key={alert.id}
            alert={alert}
            deviceName={deviceId ? null : (names.get(alert.device_id) ?? alert.device_id)}
          />
        ))}
      </RowList>
    );
  }

  return (
    <Panel
      flush
      title="Active alerts"
      actions={
        <Button
          component={Link}
          to={link}
          size="small"
          color="secondary"
          endIcon={<ArrowRight size={15} />}
        >
          {more > 0 ? `${more} more` : 'All alerts'}
        </Button>
      }
    >
      {content()}
    </Panel>
  );
}
