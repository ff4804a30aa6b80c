import { Box, Typography } from '@mui/material';
import { Pill } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { ExpandableRow } from '@/components/ui/row-list';
import type { DeadLetter } from '@/lib/api/types';
import { formatWithZone, parseTime } from '@/lib/time';
import { prettyPayload } from './payload';
import { DeadLetterActions } from './dead-letter-actions';
import { kReasons } from './reasons';

const kMonospace = 'ui-monospace, monospace';

function Block({ label, text }: { label: string; text: string }) {
  return (
    <Box sx={{ mt: 1.5 }}>
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mb: 0.5 }}>
        {label}
      </Typography>
      <Box
        component="pre"
        tabIndex={0}
        aria-label={label}
        sx={{
          m: 0,
          p: 1.5,
          maxHeight: 320,
          overflow: 'auto',
          borderRadius: 1,
          bgcolor: 'sunken',
          fontFamily: kMonospace,
          fontSize: '0.7813rem',
          lineHeight: 1.55,
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
        }}
      >
        {text}
      </Box>
    </Box>
  );
}

function Message({ letter }: { letter: DeadLetter }) {
  const received = parseTime(letter.received_at);
  const exact = letter.payload_base64;
  return (
    <>
      <Typography variant="caption" color="textSecondary" component="p">
        {kReasons[letter.reason].hint}
        {received !== null && ` · received ${formatWithZone(received)}`}
      </Typography>
      {letter.payload === '' && exact === undefined ? (
        <Typography variant="body2" sx={{ mt: 1.5 }}>
          The message was empty.
        </Typography>
      ) : (
        <Block
          label={exact === undefined ? 'Message' : 'Message, with � for bytes that are no text'}
          text={prettyPayload(letter.payload)}
        />
      )}
      {exact !== undefined && <Block label="Exact bytes in base64" text={exact} />}
      <Box sx={{ display: 'flex', gap: 1, mt: 1.5 }}>
        <DeadLetterActions target={() => ({ id: letter.id })} subject="this message" />
      </Box>
    </>
  );
}

interface DeadLetterRowProps {
  letter: DeadLetter;
  /** Null when the message names none. */
  deviceName: string | null;
}

/** One rejected message and why; a click shows what was sent. */
export function DeadLetterRow({ letter, deviceName }: DeadLetterRowProps) {
  const reason = kReasons[letter.reason];
  return (
    <ExpandableRow
      testId="dead-letter-row"
      summary={
        <Box
          component="span"
          sx={{
            display: 'grid',
            alignItems: 'center',
            columnGap: 2,
            rowGap: 0.5,
            gridTemplateColumns: {
              xs: 'minmax(0, 1fr) auto',
              md: '150px minmax(0, 1fr) 84px',
            },
          }}
        >
          <span>
            <Pill color={reason.color} filled>
              {reason.label}
            </Pill>
          </span>
          <Box
            component="span"
            sx={{
              display: 'block',
              minWidth: 0,
              order: { xs: 1, md: 0 },
              gridColumn: { xs: '1 / -1', md: 'auto' },
              overflowWrap: 'anywhere',
            }}
          >
            <Typography variant="body2" component="span" sx={{ display: 'block' }}>
              <Box component="b" sx={{ fontWeight: 580 }}>
                {deviceName ?? 'No device'}
              </Box>
              {letter.detail !== '' && ` · ${letter.detail}`}
            </Typography>
            <Typography
              variant="caption"
              color="textSecondary"
              component="span"
              sx={{ display: 'block', fontFamily: kMonospace }}
            >
              {letter.topic}
            </Typography>
          </Box>
          <Typography
            variant="caption"
            color="textSecondary"
            component="span"
            sx={{ textAlign: 'right', whiteSpace: 'nowrap' }}
          >
            <RelativeTime time={letter.received_at} />
          </Typography>
        </Box>
      }
    >
      <Message letter={letter} />
    </ExpandableRow>
  );
}
