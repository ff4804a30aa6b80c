import { Box, ButtonBase, Collapse, Typography } from '@mui/material';
import { ChevronDown } from 'lucide-react';
import { useId, useState } from 'react';
import { Pill } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
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
    <Box sx={{ px: { xs: 2, sm: 2.5 }, pt: 1, pb: 2 }}>
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
    </Box>
  );
}

interface DeadLetterRowProps {
  letter: DeadLetter;
  /** Null when the message names none. */
  deviceName: string | null;
}

/** One rejected message and why; a click shows what was sent. */
export function DeadLetterRow({ letter, deviceName }: DeadLetterRowProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const reason = kReasons[letter.reason];
  return (
    <Box
      component="li"
      data-testid="dead-letter-row"
      sx={{ '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' } }}
    >
      <ButtonBase
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setOpen(!open);
        }}
        sx={{
          display: 'grid',
          alignItems: 'center',
          columnGap: 2,
          rowGap: 0.5,
          gridTemplateColumns: {
            xs: 'minmax(0, 1fr) auto 16px',
            md: '150px minmax(0, 1fr) 84px 16px',
          },
          width: '100%',
          px: { xs: 2, sm: 2.5 },
          py: 1.5,
          font: 'inherit',
          textAlign: 'left',
          outlineOffset: '-2px !important',
          '&:hover': { bgcolor: 'sunken' },
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
        <Box
          component="span"
          aria-hidden
          sx={{
            display: 'flex',
            color: 'text.secondary',
            transition: 'rotate 160ms',
            rotate: open ? '180deg' : 'none',
          }}
        >
          <ChevronDown size={16} />
        </Box>
      </ButtonBase>
      <Collapse in={open} id={id} unmountOnExit>
        <Message letter={letter} />
      </Collapse>
    </Box>
  );
}
