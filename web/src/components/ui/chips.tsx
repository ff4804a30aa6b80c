import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import type { AlertStatus, DeviceStatus, RuleStatus, Severity } from '@/lib/api/types';

interface PillProps {
  /** Palette path. */
  color: string;
  children: ReactNode;
  /** With a tinted ground; without, just dot and text. */
  filled?: boolean;
  /** A hollow dot tells apart what colour alone would not. */
  hollow?: boolean;
  title?: string;
}

export function Pill({ color, children, filled = false, hollow = false, title }: PillProps) {
  return (
    <Box
      component="span"
      title={title}
      sx={{
        position: 'relative',
        isolation: 'isolate',
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        px: filled ? 1 : 0,
        height: 22,
        borderRadius: 11,
        color: filled ? color : 'text.primary',
        fontSize: '0.7813rem',
        fontWeight: filled ? 580 : 500,
        whiteSpace: 'nowrap',
        '&::before': filled
          ? {
              content: '""',
              position: 'absolute',
              inset: 0,
              zIndex: -1,
              borderRadius: 'inherit',
              bgcolor: color,
              opacity: 0.12,
            }
          : undefined,
      }}
    >
      <Box
        component="span"
        sx={{
          width: 7,
          height: 7,
          borderRadius: '50%',
          flexShrink: 0,
          ...(hollow
            ? { border: '1.5px solid', borderColor: color }
            : { bgcolor: color, border: '1.5px solid transparent', backgroundClip: 'border-box' }),
        }}
      />
      {children}
    </Box>
  );
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function SeverityChip({ severity }: { severity: Severity }) {
  return (
    <Pill color={`severity.${severity}`} filled>
      {capitalize(severity)}
    </Pill>
  );
}

const kAlertColor: Record<AlertStatus, string> = {
  open: 'error.main',
  acknowledged: 'warning.main',
  resolved: 'success.main',
  suppressed: 'text.secondary',
};

export function AlertStatusChip({ status }: { status: AlertStatus }) {
  return (
    <Pill color={kAlertColor[status]} hollow={status !== 'open'}>
      {capitalize(status)}
    </Pill>
  );
}

const kRuleColor: Record<RuleStatus, string> = {
  active: 'success.main',
  paused: 'warning.main',
  archived: 'text.secondary',
};

export function RuleStatusChip({ status }: { status: RuleStatus }) {
  return (
    <Pill color={kRuleColor[status]} hollow={status !== 'active'}>
      {capitalize(status)}
    </Pill>
  );
}

interface DeviceStatusChipProps {
  status: DeviceStatus;
  /** Whether it reports; unknown while it is being asked. */
  online?: boolean;
}

/** What a person set the device to, and, for an active one, whether it reports. */
export function DeviceStatusChip({ status, online }: DeviceStatusChipProps) {
  if (status === 'error') return <Pill color="error.main">Error</Pill>;
  if (status === 'maintenance') {
    return (
      <Pill color="warning.main" hollow>
        Maintenance
      </Pill>
    );
  }
  if (status === 'inactive') {
    return (
      <Pill color="textSecondary" hollow>
        Inactive
      </Pill>
    );
  }
  if (online === false) {
    return (
      <Pill color="textSecondary" hollow title="Registered as active, but not reporting">
        Offline
      </Pill>
    );
  }
  return <Pill color="success.main">{online === undefined ? 'Active' : 'Online'}</Pill>;
}
