import { Box, Typography } from '@mui/material';
import { RelativeTime } from '@/components/ui/relative-time';
import { ExpandableRow } from '@/components/ui/row-list';
import type { AuditEntry } from '@/lib/api/types';
import { differences, shown, type Difference } from './difference';

const kMono = { fontFamily: 'monospace', fontSize: '0.8125rem', overflowWrap: 'anywhere' } as const;

/** "device.update" as a person would say it. */
function sentence(action: string): string {
  const [resource = '', verb = ''] = action.split('.');
  return `${resource} ${verb}`.replaceAll('_', ' ').trim();
}

function Value({ value, tone }: { value: unknown; tone: 'error.main' | 'success.main' }) {
  const text = shown(value);
  if (text === undefined) return <Box sx={{ color: 'text.disabled' }}>–</Box>;
  return <Box sx={{ ...kMono, color: tone }}>{text}</Box>;
}

function Differences({ items }: { items: readonly Difference[] }) {
  if (items.length === 0) {
    return <Typography variant="body2">Nothing that a person would see differs.</Typography>;
  }
  const head = {
    textAlign: 'left',
    pb: 0.5,
    pr: 2,
    fontWeight: 500,
    color: 'text.secondary',
  } as const;
  const cell = { verticalAlign: 'top', py: 0.5, pr: 2, borderTop: 1, borderColor: 'line' } as const;
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Box component="table" sx={{ width: 1, borderCollapse: 'collapse', fontSize: '0.8125rem' }}>
        <thead>
          <tr>
            {['Field', 'Before', 'After'].map((name) => (
              <Box component="th" key={name} scope="col" sx={head}>
                {name}
              </Box>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map(({ path, before, after }) => (
            <tr key={path}>
              <Box component="th" scope="row" sx={{ ...cell, textAlign: 'left', fontWeight: 500 }}>
                {path}
              </Box>
              <Box component="td" sx={cell}>
                <Value value={before} tone="error.main" />
              </Box>
              <Box component="td" sx={cell}>
                <Value value={after} tone="success.main" />
              </Box>
            </tr>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}

export function AuditRow({ entry }: { entry: AuditEntry }) {
  return (
    <ExpandableRow
      testId="audit-row"
      summary={
        <Box component="span" sx={{ display: 'flex', alignItems: 'center', gap: 2 }}>
          <Box component="span" sx={{ flex: 1, minWidth: 0 }}>
            <Box
              component="span"
              sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: 1 }}
            >
              <Typography variant="body2" component="span" sx={{ fontWeight: 600 }}>
                {sentence(entry.action)}
              </Typography>
              {entry.resource_id !== '' && (
                <Box component="span" sx={{ ...kMono, color: 'text.secondary' }}>
                  {entry.resource_id}
                </Box>
              )}
            </Box>
            <Typography variant="caption" color="textSecondary" component="span">
              {entry.actor} · <RelativeTime time={entry.time} />
            </Typography>
          </Box>
          <Typography variant="caption" color="textSecondary" component="span">
            #{entry.sequence}
          </Typography>
        </Box>
      }
    >
      <Differences items={differences(entry.before, entry.after)} />
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 1.5 }}>
        {entry.address !== '' && `from ${entry.address} · `}
        {entry.request_id !== '' && `request ${entry.request_id} · `}
        <Box component="span" sx={kMono}>
          {entry.hash.slice(0, 16)}…
        </Box>
      </Typography>
    </ExpandableRow>
  );
}
