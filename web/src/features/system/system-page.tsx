import { Box, Skeleton } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { DetailRow } from '@/components/ui/detail-row';
import { PageHeader } from '@/components/ui/page-header';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import { ErrorState } from '@/components/ui/states';
import { settingsQuery, useSystem } from '@/lib/api/system';
import type { System } from '@/lib/api/types';
import { usePermissions } from '@/lib/store/hooks';
import { formatDuration } from '@/lib/time';
import { formatBytes, formatCount, formatRate } from '@/lib/units';

function Details({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Panel title={title} flush sx={{ breakInside: 'avoid', mb: 2 }}>
      <Box component="dl" sx={{ m: 0 }}>
        {children}
      </Box>
    </Panel>
  );
}

/** Panels of unequal height, two beside each other where there is room, without gaps below the short ones. */
function Columns({ children }: { children: ReactNode }) {
  return <Box sx={{ columnCount: { xs: 1, md: 2 }, columnGap: 2, mb: 2 }}>{children}</Box>;
}

function Checks({ checks }: { checks: System['checks'] }) {
  return (
    <Details title="Checks">
      {checks.map(({ name, ok, detail }) => (
        <DetailRow key={name} name={name} inset>
          <Box sx={{ display: 'flex', gap: 1, color: ok ? 'success.main' : 'error.main' }}>
            {ok ? <CircleCheck size={16} aria-hidden /> : <CircleX size={16} aria-hidden />}
            {ok ? 'fine' : detail}
          </Box>
        </DetailRow>
      ))}
    </Details>
  );
}

function Figures({ system }: { system: System }) {
  const { storage, ingest, devices } = system;
  return (
    <>
      <Details title="Program">
        <DetailRow name="Version" inset>
          {system.version}
        </DetailRow>
        <DetailRow name="Roles" inset>
          {system.roles.join(', ')}
        </DetailRow>
        <DetailRow name="Started" inset>
          <RelativeTime time={system.started_at} />
        </DetailRow>
        <DetailRow name="Up for" inset>
          {formatDuration(system.uptime_s * 1000)}
        </DetailRow>
        <DetailRow name="Memory" inset>
          {formatBytes(system.memory_bytes)}
        </DetailRow>
      </Details>
      <Details title="Readings">
        <DetailRow name="Rate" inset>
          {formatRate(ingest.rate_per_s)} readings/s
        </DetailRow>
        <DetailRow name="Accepted" inset>
          {formatCount(ingest.accepted_total)} since the start
        </DetailRow>
        <DetailRow name="Rejected" inset>
          {formatCount(ingest.rejected_total)} since the start
        </DetailRow>
        <DetailRow name="Devices" inset>
          {formatCount(devices.reporting)} of {formatCount(devices.registered)} report
        </DetailRow>
        <DetailRow name="MQTT" inset>
          {formatCount(system.mqtt.connections)} connected
        </DetailRow>
      </Details>
      <Details title="Storage">
        <DetailRow name="Telemetry" inset>
          {formatBytes(storage.telemetry_bytes)}
        </DetailRow>
        <DetailRow name="Metadata" inset>
          {formatBytes(storage.metadata_bytes)}
        </DetailRow>
        <DetailRow name="Free on disk" inset>
          {formatBytes(storage.free_bytes)}
        </DetailRow>
      </Details>
      <Checks checks={system.checks} />
    </>
  );
}

function text(value: unknown): string {
  if (value === '' || value === null) return '–';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Options by their names, as in the configuration file: section.name. */
function options(value: unknown, at: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[at, text(value)]];
  return Object.entries(value).flatMap(([name, inner]) =>
    options(inner, at === '' ? name : `${at}.${name}`),
  );
}

function Settings() {
  const query = useQuery(settingsQuery);
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <Skeleton variant="rounded" height={240} />;
  return (
    <Columns>
      {Object.entries(query.data.settings).map(([section, value]) => (
        <Details key={section} title={section}>
          {options(value, '').map(([name, shown]) => (
            <DetailRow key={name} name={name} inset>
              {shown}
            </DetailRow>
          ))}
        </Details>
      ))}
    </Columns>
  );
}

/** What the program is and does, and for admins how it is configured. */
export function SystemPage() {
  const query = useSystem();
  const { administer } = usePermissions();
  return (
    <>
      <PageHeader title="System" />
      {query.isError && !query.data && (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <Columns>
          <Figures system={query.data} />
        </Columns>
      )}
      {administer && <Settings />}
    </>
  );
}
