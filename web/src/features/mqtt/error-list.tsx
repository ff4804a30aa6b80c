import { Box, Typography } from '@mui/material';
import { RelativeTime } from '@/components/ui/relative-time';
import type { MqttErrorList } from '@/lib/api/types';

/** Clients that were refused or ended badly, newest first. */
export function ErrorList({ errors }: { errors: readonly MqttErrorList['errors'][number][] }) {
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {errors.map((entry, index) => (
        <Box
          component="li"
          key={`${entry.time} ${entry.address} ${index}`}
          data-testid="mqtt-error"
          sx={{
            display: 'grid',
            columnGap: 2,
            gridTemplateColumns: 'minmax(0, 1fr) auto',
            px: { xs: 2, sm: 2.5 },
            py: 1.25,
            '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
          }}
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
        </Box>
      ))}
    </Box>
  );
}
