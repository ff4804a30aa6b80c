import { Box, Button, Typography, useMediaQuery, type Theme } from '@mui/material';
import { ArrowRight, Plug } from 'lucide-react';
import { Link } from 'react-router';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useDevices } from '@/lib/api/devices';
import { usePermissions } from '@/lib/store/hooks';
import { DeviceCard, DeviceCardSkeleton } from './device-card';

/** So few share the whole width. */
const kFewDevices = 2;
/** Each card keeps a live connection, so there are only so many. */
const kMostCards = { usual: 12, wide: 24 };

/** Cards of the first devices by name: an order in which cards do not change places. */
export function DeviceGrid() {
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('xl'));
  const most = wide ? kMostCards.wide : kMostCards.usual;
  const query = useDevices({ page_size: most, sort: 'name' });
  const { manageDevices } = usePermissions();
  const devices = query.data?.devices;
  const total = query.data?.total ?? 0;
  const few = total > 0 && total <= kFewDevices;

  let content = null;
  if (devices && devices.length > 0) {
    content = devices.map((device) => (
      <DeviceCard key={device.id} device={device} large={devices.length <= kFewDevices} />
    ));
  } else if (query.isPending) {
    content = [0, 1, 2, 3, 4, 5].map((key) => <DeviceCardSkeleton key={key} />);
  }

  return (
    <Box component="section" aria-labelledby="devices-heading" sx={{ minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', minHeight: 36, mb: 1 }}>
        <Typography variant="h2" id="devices-heading" sx={{ flex: 1 }}>
          Devices
        </Typography>
        <Button
          component={Link}
          to="/devices"
          size="small"
          color="secondary"
          endIcon={<ArrowRight size={15} />}
        >
          {total > most ? `All ${total}` : 'All devices'}
        </Button>
      </Box>
      {content ? (
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: {
              xs: `repeat(${few ? 'auto-fit' : 'auto-fill'}, minmax(min(100%, 250px), 1fr))`,
              xl: `repeat(${few ? 'auto-fit' : 'auto-fill'}, minmax(300px, 1fr))`,
            },
          }}
        >
          {content}
        </Box>
      ) : (
        <Box
          sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'line', borderRadius: 1.25 }}
        >
          {query.isError ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <StateMessage
              icon={Plug}
              title="No devices yet"
              text="Register the first device, give it credentials, and its readings appear here as they arrive."
              action={
                manageDevices && (
                  <Button component={Link} to="/devices?new=device" variant="contained">
                    Add a device
                  </Button>
                )
              }
            />
          )}
        </Box>
      )}
    </Box>
  );
}
