import { Box, Link as TextLink, Switch, Tooltip, Typography } from '@mui/material';
import { Archive, Copy, Pencil, Trash2, Undo2 } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import { ActionMenu } from '@/components/ui/action-menu';
import { SeverityChip } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { GridRow } from '@/components/ui/row-list';
import type { Rule } from '@/lib/api/types';
import { kRowStop } from '@/lib/hooks/use-row-keys';
import { describeSchedule } from '@/lib/rule-schedule';
import { whenPieces, type UnitOf } from '@/lib/rule-sentence';
import { usePermissions } from '@/lib/store/hooks';
import { spokenRule } from './draft/spoken';
import { Sentence } from './sentence';
import { useStatusChange } from './use-rule-change';

interface RuleRowProps {
  rule: Rule;
  nameOf: (deviceId: string) => string;
  unitOf: UnitOf;
  onDelete: () => void;
}

function StatusSwitch({ rule }: { rule: Rule }) {
  const { pending, change } = useStatusChange(rule);
  const active = rule.status === 'active';
  const label = active ? `Pause ${rule.name}` : `Activate ${rule.name}`;
  return (
    <Tooltip title={active ? 'Active; switch to pause' : `${rule.status}; switch to activate`}>
      <Switch
        checked={active}
        disabled={pending}
        slotProps={{ input: { 'aria-label': label } }}
        onChange={() => {
          change(active ? 'paused' : 'active');
        }}
      />
    </Tooltip>
  );
}

function RowActions({ rule, onDelete }: { rule: Rule; onDelete: () => void }) {
  const navigate = useNavigate();
  const { change } = useStatusChange(rule);
  const archived = rule.status === 'archived';
  return (
    <ActionMenu
      label={`More about ${rule.name}`}
      actions={[
        { label: 'Edit', icon: Pencil, onChoose: () => void navigate(`/rules/${rule.id}`) },
        {
          label: 'Make another like it',
          icon: Copy,
          onChoose: () => void navigate(`/rules/new?like=${rule.id}`),
        },
        {
          label: archived ? 'Take out of the archive' : 'Archive',
          icon: archived ? Undo2 : Archive,
          onChoose: () => {
            change(archived ? 'paused' : 'archived');
          },
        },
        { label: 'Delete', icon: Trash2, danger: true, onChoose: onDelete },
      ]}
    />
  );
}

/** Severity, last episode and channels; on a phone below the sentence. */
function Facts({ rule }: { rule: Rule }) {
  return (
    <>
      <Box component="span">
        <SeverityChip severity={rule.severity} />
      </Box>
      <Typography
        variant="caption"
        color="textSecondary"
        component="div"
        sx={{ display: 'grid', minWidth: 0, flex: 1 }}
      >
        <span>
          {rule.last_triggered === null ? (
            'Never triggered'
          ) : (
            <>
              Triggered <RelativeTime time={rule.last_triggered} />
            </>
          )}
        </span>
        <span>
          {rule.notification_channels.length === 0
            ? 'Notifies nobody'
            : `By ${rule.notification_channels.join(', ')}`}
        </span>
      </Typography>
    </>
  );
}

/** A rule as a sentence, with its switch. */
export function RuleRow({ rule, nameOf, unitOf, onDelete }: RuleRowProps) {
  const { edit } = usePermissions();
  return (
    <GridRow
      testId="rule-row"
      columns={{
        xs: 'auto minmax(0, 1fr) auto',
        md: 'auto minmax(0, 1fr) 96px 170px auto',
      }}
    >
      {edit ? <StatusSwitch rule={rule} /> : <span />}
      <Box sx={{ minWidth: 0 }}>
        <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
          <TextLink
            component={Link}
            to={`/rules/${rule.id}`}
            underline="hover"
            color="textPrimary"
            {...kRowStop}
          >
            {rule.name}
          </TextLink>
          {rule.status !== 'active' && (
            <Box component="span" sx={{ color: 'text.secondary', fontWeight: 480 }}>
              {' '}
              · {rule.status}
            </Box>
          )}
        </Typography>
        <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          <Sentence pieces={whenPieces(spokenRule(rule, nameOf), unitOf)} />
          {rule.schedule && ` · ${describeSchedule(rule.schedule)}`}
        </Typography>
      </Box>
      <Box
        sx={{
          gridColumn: { xs: 2, md: 'auto' },
          gridRow: { xs: 2, md: 'auto' },
          display: { xs: 'flex', md: 'contents' },
          alignItems: 'center',
          columnGap: 1.5,
        }}
      >
        <Facts rule={rule} />
      </Box>
      {edit ? (
        <Box sx={{ gridColumn: { xs: 3, md: 'auto' }, gridRow: { xs: 1, md: 'auto' }, mr: -1 }}>
          <RowActions rule={rule} onDelete={onDelete} />
        </Box>
      ) : (
        <span />
      )}
    </GridRow>
  );
}
