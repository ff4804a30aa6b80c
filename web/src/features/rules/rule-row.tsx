import { Box, IconButton, Switch, Tooltip, Typography } from '@mui/material';
import { Pencil, Trash2 } from 'lucide-react';
import { SeverityChip } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { GridRow } from '@/components/ui/row-list';
import { errorMessage } from '@/lib/api/error';
import { useRuleChange } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { fieldLabel } from '@/lib/fields';
import { useNotify, usePermissions } from '@/lib/store/hooks';

interface RuleRowProps {
  rule: Rule;
  deviceName: string;
  unit: string;
  onEdit: () => void;
  onDelete: () => void;
}

function StatusSwitch({ rule }: { rule: Rule }) {
  const change = useRuleChange();
  const notify = useNotify();
  const active = rule.status === 'active';
  const label = active ? `Pause ${rule.name}` : `Activate ${rule.name}`;
  return (
    <Tooltip title={active ? 'Active; switch to pause' : 'Paused; switch to activate'}>
      <Switch
        checked={active}
        disabled={change.isPending}
        slotProps={{ input: { 'aria-label': label } }}
        onChange={() => {
          change.mutate(
            { kind: 'status', id: rule.id, status: active ? 'paused' : 'active' },
            {
              onError: (error) => {
                notify('error', errorMessage(error));
              },
            },
          );
        }}
      />
    </Tooltip>
  );
}

function LastTriggered({ rule }: { rule: Rule }) {
  if (rule.last_triggered === null) return <>Never triggered</>;
  return (
    <>
      Triggered <RelativeTime time={rule.last_triggered} />
    </>
  );
}

/** A rule as a sentence, with its switch. */
export function RuleRow({ rule, deviceName, unit, onEdit, onDelete }: RuleRowProps) {
  const { edit } = usePermissions();
  return (
    <GridRow
      testId="rule-row"
      columns={{
        xs: 'auto minmax(0, 1fr)',
        md: 'auto minmax(0, 1fr) 96px 150px auto',
      }}
    >
      {edit ? <StatusSwitch rule={rule} /> : <span />}
      <Box sx={{ minWidth: 0 }}>
        <Typography variant="h3" sx={{ overflowWrap: 'anywhere' }}>
          {rule.name}
          {rule.status !== 'active' && (
            <Box component="span" sx={{ color: 'text.secondary', fontWeight: 480 }}>
              {' '}
              · {rule.status}
            </Box>
          )}
        </Typography>
        <Typography variant="body2" color="textSecondary">
          When{' '}
          <Box component="b" sx={{ color: 'text.primary', fontWeight: 580 }}>
            {fieldLabel(rule.property).toLowerCase()}
          </Box>{' '}
          of{' '}
          <Box component="b" sx={{ color: 'text.primary', fontWeight: 580 }}>
            {deviceName}
          </Box>{' '}
          is{' '}
          <Box component="b" sx={{ color: 'text.primary', fontWeight: 580 }}>
            {describeLimit(rule.operator, rule.threshold, unit)}
          </Box>
        </Typography>
      </Box>
      <Box
        sx={{
          gridColumn: 2,
          display: { xs: 'flex', md: 'contents' },
          flexWrap: { xs: 'wrap', sm: 'nowrap' },
          alignItems: 'center',
          columnGap: 1.5,
        }}
      >
        <Box component="span" sx={{ flex: { xs: 1, sm: 'none' } }}>
          <SeverityChip severity={rule.severity} />
        </Box>
        <Typography
          variant="caption"
          color="textSecondary"
          component="div"
          sx={{
            display: 'flex',
            flexDirection: { sm: 'column' },
            flexWrap: { xs: 'wrap', sm: 'nowrap' },
            columnGap: 1.5,
            // On a phone a row of its own, below the chip and the buttons.
            order: { xs: 1, sm: 0 },
            flex: { xs: '1 0 100%', sm: 1 },
            minWidth: 0,
          }}
        >
          <span>
            <LastTriggered rule={rule} />
          </span>
          <span>
            {rule.notification_channels.length === 0
              ? 'Notifies nobody'
              : `By ${rule.notification_channels.join(', ')}`}
          </span>
        </Typography>
        {edit && (
          <Box sx={{ display: 'flex', flexShrink: 0, mr: { xs: -1, md: 0 } }}>
            <Tooltip title="Edit">
              <IconButton aria-label={`Edit ${rule.name}`} onClick={onEdit}>
                <Pencil size={16} />
              </IconButton>
            </Tooltip>
            <Tooltip title="Delete">
              <IconButton aria-label={`Delete ${rule.name}`} onClick={onDelete}>
                <Trash2 size={16} />
              </IconButton>
            </Tooltip>
          </Box>
        )}
      </Box>
    </GridRow>
  );
}
