import { Archive, Activity } from 'lucide-react';
import { Box, Tooltip } from '@mui/material';
import type { ReactNode } from 'react';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Alert } from '@/lib/api/types';

function Mark({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.5,
        height: 22,
        color: 'text.secondary',
        fontSize: '0.7813rem',
        whiteSpace: 'nowrap',
      }}
    >
      {icon}
      {children}
    </Box>
  );
}

export function ShelvedChip({ alert }: { alert: Alert }) {
  if (alert.shelved_until === null) return null;
  return (
    <Mark icon={<Archive size={13} aria-hidden />}>
      <span>
        Shelved, back <RelativeTime time={alert.shelved_until} />
      </span>
    </Mark>
  );
}

/** The rule raises so many alerts on the device that it says little. */
export function ChatteringChip({ alert }: { alert: Alert }) {
  if (!alert.chattering) return null;
  return (
    <Tooltip title="The rule flaps on this device: give it a clear threshold or a longer time to hold.">
      <span>
        <Mark icon={<Activity size={13} aria-hidden />}>
          Chattering, {alert.episodes_per_hour} an hour
        </Mark>
      </span>
    </Tooltip>
  );
}
