import { Box, Typography } from '@mui/material';
import { RelativeTime } from '@/components/ui/relative-time';
import { GridRow, RowList } from '@/components/ui/row-list';
import type { MqttErrorList } from '@/lib/api/types';

/** Clients that were refused or ended badly, newest first. */
export function ErrorList({ errors }: { errors: readonly MqttErrorList['errors'][number][] }) {
  return (
    <RowList>
      {errors.map((entry, index) => (
        <GridRow
          key={`${entry.time} ${entry.address} ${index}`}
          testId="mqtt-error"
          columns={{ xs: 'minmax(0, 1fr) auto' }}
        >
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            <Box component="b" sx={{ fontWeight: 580 }}>
              {entry.client_id || 'Unnamed client'}
            </Box>{' '}
            · {entry.error}
          </Typography>
          <Typography variant="caption" color="textSecondary" sx={{ whiteSpace: 'nowrap' }}>
            <RelativeTime time={entry.time} />
          </Typography>
          <Typography variant="caption" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
            {entry.username === '' ? 'no user name' : `user ${entry.username}`} · {entry.address}{' '}
            over {entry.transport.toUpperCase()}
          </Typography>
        </GridRow>
      ))}
    </RowList>
  );
}
