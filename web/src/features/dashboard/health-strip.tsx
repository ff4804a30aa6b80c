import { Box, Skeleton, Tooltip, Typography } from '@mui/material';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorState } from '@/components/ui/states';
import { useSystem } from '@/lib/api/system';
import type { Check, System } from '@/lib/api/types';
import { useAppSelector } from '@/lib/store/hooks';
import { formatDuration } from '@/lib/time';
import { formatBytes } from '@/lib/units';

function CheckMark({ check }: { check: Check }) {
  const Icon = check.ok ? CircleCheck : CircleX;
  return (
    <Tooltip title={check.detail || (check.ok ? 'Works' : 'Fails')}>
      <Box
        component="li"
        sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.5, whiteSpace: 'nowrap' }}
      >
        <Box
          component="span"
          sx={{ display: 'flex', color: check.ok ? 'success.main' : 'error.main' }}
        >
          <Icon size={15} aria-label={check.ok ? 'passes:' : 'fails:'} />
        </Box>
        {check.name}
      </Box>
    </Tooltip>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="caption" color="textSecondary" component="p" noWrap>
        {label}
      </Typography>
      <Typography variant="h3" component="p" noWrap>
        {children}
      </Typography>
    </Box>
  );
}

function Facts({ system }: { system: System }) {
  const used = system.storage.telemetry_bytes + system.storage.metadata_bytes;
  return (
    <Box
      sx={{
        display: 'grid',
        gap: { xs: 1.5, sm: 3 },
        gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', sm: 'repeat(4, auto)' },
      }}
    >
      <Fact label="Up for">{formatDuration(system.uptime_s * 1000)}</Fact>
      <Fact label="Stored">
        {formatBytes(used)}
        <Box component="span" sx={{ color: 'text.secondary', fontWeight: 480 }}>
          {' '}
          of {formatBytes(used + system.storage.free_bytes)}
        </Box>
      </Fact>
      <Fact label="Memory">{formatBytes(system.memory_bytes)}</Fact>
      <Fact label="MQTT clients">{system.mqtt.connections.toLocaleString('en-US')}</Fact>
    </Box>
  );
}

function healthText(failing: readonly Check[]): string {
  if (failing.length === 0) return 'All systems normal';
  return `${failing.map((check) => check.name).join(', ')} not working`;
}

/** State of the program: its checks, how long it runs and what it uses. */
export function HealthStrip() {
  const query = useSystem();
  const reachable = useAppSelector((state) => state.ui.reachable);
  const system = query.data;
  const failing = system?.checks.filter((check) => !check.ok) ?? [];

  function content() {
    if (query.isError && !system) {
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (!system) return <Skeleton variant="rounded" height={44} />;
    return (
      <Box
        sx={{
          display: 'flex',
          alignItems: { lg: 'center' },
          justifyContent: 'space-between',
          flexDirection: { xs: 'column', lg: 'row' },
          gap: { xs: 2, lg: 4 },
        }}
      >
        <Box sx={{ minWidth: 0 }}>
          <Typography
            variant="h2"
            component="p"
            color={failing.length > 0 && reachable ? 'error' : undefined}
          >
            {reachable ? healthText(failing) : 'Last known state'}
          </Typography>
          <Box
            component="ul"
            sx={{
              display: 'flex',
              flexWrap: 'wrap',
              columnGap: 1.75,
              m: 0,
              p: 0,
              listStyle: 'none',
              color: 'text.secondary',
              fontSize: '0.7813rem',
            }}
          >
            {system.checks.map((check) => (
              <CheckMark key={check.name} check={check} />
            ))}
          </Box>
        </Box>
        <Facts system={system} />
      </Box>
    );
  }

  return (
    <Box
      component="section"
      aria-label="System health"
      sx={{
        px: { xs: 2, sm: 2.5 },
        py: 1.75,
        bgcolor: 'background.paper',
        border: 1,
        borderColor: failing.length ? 'error.main' : 'line',
        borderRadius: 1.25,
      }}
    >
      {content()}
    </Box>
  );
}
