import { Box, Tooltip } from '@mui/material';
import { useLiveState } from '@/lib/live/hooks';
import { useAppSelector } from '@/lib/store/hooks';

const kStates = {
  live: { text: 'Live', color: 'success.main', hint: 'Readings arrive as they are stored.' },
  connecting: {
    text: 'Connecting',
    color: 'warning.main',
    hint: 'The live connection is opening.',
  },
  reconnecting: {
    text: 'Reconnecting',
    color: 'warning.main',
    hint: 'The live connection was lost and is being opened again.',
  },
  offline: { text: 'Offline', color: 'error.main', hint: 'The platform does not answer.' },
  idle: { text: 'Connected', color: 'success.main', hint: 'This page needs no live readings.' },
} as const;

/** State of the connection to the platform. */
export function LiveIndicator() {
  const live = useLiveState();
  const reachable = useAppSelector((state) => state.ui.reachable);
  const { text, color, hint } = kStates[reachable ? live : 'offline'];
  return (
    <Tooltip title={hint}>
      <Box
        role="status"
        sx={{
          display: 'inline-flex',
          alignItems: 'center',
          gap: 1,
          height: 30,
          px: 1.25,
          border: 1,
          borderColor: 'line',
          borderRadius: 4,
          bgcolor: 'background.paper',
          fontSize: '0.7813rem',
          fontWeight: 560,
        }}
      >
        <Box
          sx={{
            width: 8,
            height: 8,
            borderRadius: '50%',
            bgcolor: color,
            '@keyframes beat': {
              '0%': { boxShadow: '0 0 0 0 color-mix(in srgb, currentColor 45%, transparent)' },
              '70%, 100%': { boxShadow: '0 0 0 6px transparent' },
            },
            color,
            animation: text === 'Live' ? 'beat 2.4s ease-out infinite' : 'none',
          }}
        />
        <span data-testid="live-state">{text}</span>
      </Box>
    </Tooltip>
  );
}
