import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Device } from '@/lib/api/types';
import { describeDetail } from '@/lib/fields';
import { HealthScore } from './health-score';

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateColumns: 'minmax(96px, 2fr) 3fr',
        gap: 2,
        px: { xs: 2, sm: 2.5 },
        py: 1,
        '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      <Typography variant="body2" color="textSecondary" component="dt">
        {name}
      </Typography>
      <Typography variant="body2" component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Typography>
    </Box>
  );
}

export function DeviceDetails({ device }: { device: Device }) {
  return (
    <Panel flush title="Details">
      <Box component="dl" sx={{ m: 0, pb: 0.5 }}>
        <Row name="Topic">
          <code>devices/{device.id}/telemetry</code>
        </Row>
        <Row name="Health">
          <HealthScore score={device.health_score} />
        </Row>
        {Object.entries(device.metadata).map(([key, value]) => {
          const { label, text } = describeDetail(key, value);
          return (
            <Row key={key} name={label}>
              {text}
            </Row>
          );
        })}
        <Row name="Registered">
          <RelativeTime time={device.created_at} />
        </Row>
        <Row name="Changed">
          <RelativeTime time={device.updated_at} />
        </Row>
      </Box>
    </Panel>
  );
}
