import { Box, Link as TextLink, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Panel } from '@/components/ui/panel';
import { useAlertStatistics } from '@/lib/api/alerts';
import { formatDuration, kDay } from '@/lib/time';

const kSpanMs = 7 * kDay;
const kShown = 5;

function mean(seconds: number | null): string {
  return seconds === null ? '–' : formatDuration(seconds * 1_000);
}

function Column({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="caption" color="textSecondary" component="h3" sx={{ mb: 0.5 }}>
        {title}
      </Typography>
      {children}
    </Box>
  );
}

interface Line {
  key: string;
  text: string;
  figure: string;
  to?: string;
}

function Lines({ lines, none }: { lines: readonly Line[]; none: string }) {
  if (lines.length === 0) {
    return (
      <Typography variant="body2" color="textSecondary">
        {none}
      </Typography>
    );
  }
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {lines.map(({ key, text, figure, to }) => (
        <Box
          component="li"
          key={key}
          sx={{ display: 'flex', gap: 1, fontSize: '0.8438rem', lineHeight: 1.7 }}
        >
          <Box
            component="span"
            sx={{
              flex: 1,
              minWidth: 0,
              overflow: 'hidden',
              textOverflow: 'ellipsis',
              whiteSpace: 'nowrap',
            }}
          >
            {to === undefined ? (
              text
            ) : (
              <TextLink component={Link} to={to} color="inherit" underline="hover">
                {text}
              </TextLink>
            )}
          </Box>
          <Box component="span" className="numeric" sx={{ color: 'text.secondary' }}>
            {figure}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

/** What the alerts of the last week say about the rules: how soon somebody came, and what flaps. */
export function AlertInsights({ names }: { names: ReadonlyMap<string, string> }) {
  const { data } = useAlertStatistics(kSpanMs);
  if (!data || data.total === 0) return null;
  const nameOf = (id: string) => names.get(id) ?? id;
  return (
    <Panel
      title="Last 7 days"
      subtitle={`${data.total.toLocaleString('en-US')} alerts`}
      sx={{ mt: 2 }}
    >
      <Box
        sx={{
          display: 'grid',
          gap: 3,
          gridTemplateColumns: {
            xs: 'minmax(0, 1fr)',
            sm: 'repeat(2, minmax(0, 1fr))',
            lg: 'repeat(4, minmax(0, 1fr))',
          },
        }}
      >
        <Column title="On average">
          <Lines
            none=""
            lines={[
              { key: 'a', text: 'Acknowledged after', figure: mean(data.mean_acknowledge_s) },
              { key: 'r', text: 'Resolved after', figure: mean(data.mean_resolve_s) },
            ]}
          />
        </Column>
        <Column title="Most alerts by rule">
          <Lines
            none="None"
            lines={data.rules.slice(0, kShown).map(({ rule_id, rule_name, alerts }) => ({
              key: rule_id,
              text: rule_name,
              figure: String(alerts),
            }))}
          />
        </Column>
        <Column title="Most alerts by device">
          <Lines
            none="None"
            lines={data.devices.slice(0, kShown).map(({ device_id, alerts }) => ({
              key: device_id,
              text: nameOf(device_id),
              figure: String(alerts),
              to: `/devices/${encodeURIComponent(device_id)}`,
            }))}
          />
        </Column>
        <Column title="Chattering rules">
          <Lines
            none={`No rule raised ${data.chattering_per_hour} alerts on a device in an hour`}
            lines={data.chattering.slice(0, kShown).map((one) => ({
              key: `${one.rule_id} ${one.device_id}`,
              text: `${one.rule_name} on ${nameOf(one.device_id)}`,
              figure: `${one.peak_per_hour} an hour`,
            }))}
          />
        </Column>
      </Box>
    </Panel>
  );
}
