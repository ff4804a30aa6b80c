import { Box, Typography } from '@mui/material';
import { RelativeTime } from '@/components/ui/relative-time';
import type { AlertDetail, AlertEvent } from '@/lib/api/types';
import { formatDateTime, parseTime } from '@/lib/time';
import { describeEvent } from './alert-actions';

const kColor: Partial<Record<AlertEvent['action'], string>> = {
  raised: 'error.main',
  reopened: 'error.main',
  escalated: 'error.main',
  acknowledged: 'warning.main',
  resolved: 'success.main',
};

interface EventItemProps {
  event: AlertEvent;
  nameOf: (userId: string) => string;
}

function EventItem({ event, nameOf }: EventItemProps) {
  const shelvedUntil = parseTime(event.after.shelved_until);
  return (
    <Box
      component="li"
      data-testid="alert-event"
      sx={{
        position: 'relative',
        pl: 2.75,
        pb: 2,
        '&:last-of-type': { pb: 0 },
        '&:not(:last-of-type)::before': {
          content: '""',
          position: 'absolute',
          left: 4,
          top: 14,
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
          width: 9,
          height: 9,
          borderRadius: '50%',
          bgcolor: kColor[event.action] ?? 'text.disabled',
        }}
      />
      <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
        {describeEvent(event, nameOf)}
        {shelvedUntil !== null && ` until ${formatDateTime(shelvedUntil)}`}
      </Typography>
      <Typography variant="caption" color="textSecondary" component="p">
        {formatDateTime(parseTime(event.at) ?? 0)} · <RelativeTime time={event.at} />
      </Typography>
      {event.comment !== null && (
        <Box
          sx={{
            mt: 0.75,
            px: 1.5,
            py: 1,
            borderRadius: 1,
            bgcolor: 'sunken',
            fontSize: '0.8438rem',
            whiteSpace: 'pre-wrap',
            overflowWrap: 'anywhere',
          }}
        >
          {event.comment}
        </Box>
      )}
    </Box>
  );
}

/** What happened to an alert, the newest first: who, when, and what was said. */
export function AlertHistory({
  history,
  nameOf,
}: {
  history: AlertDetail['history'];
  nameOf: (userId: string) => string;
}) {
  return (
    <Box component="ol" reversed sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {history.toReversed().map((event) => (
        <EventItem key={event.id} event={event} nameOf={nameOf} />
      ))}
    </Box>
  );
}
