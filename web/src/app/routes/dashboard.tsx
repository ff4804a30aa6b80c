import { Box } from '@mui/material';
import { PageHeader } from '@/components/ui/page-header';
import { AlertsPanel } from '@/features/alerts/alerts-panel';
import { HealthStrip } from '@/features/dashboard/health-strip';
import { KpiRow } from '@/features/dashboard/kpi-row';
import { DeviceGrid } from '@/features/devices/device-grid';

export function DashboardRoute() {
  return (
    <>
      <PageHeader title="Overview" />
      <Box sx={{ display: 'grid', gap: { xs: 1.25, sm: 2 } }}>
        <KpiRow />
        <HealthStrip />
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            mt: 1,
            alignItems: 'start',
            gridTemplateColumns: {
              xs: 'minmax(0, 1fr)',
              lg: 'minmax(0, 1fr) 320px',
              xl: 'minmax(0, 1fr) 380px',
            },
          }}
        >
          <DeviceGrid />
          <Box sx={{ pt: { lg: 5.5 }, minWidth: 0, order: { xs: -1, lg: 0 } }}>
            <AlertsPanel />
          </Box>
        </Box>
      </Box>
    </>
  );
}
