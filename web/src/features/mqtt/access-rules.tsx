import { Box, IconButton, Skeleton, Tooltip } from '@mui/material';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Pill } from '@/components/ui/chips';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { RowList } from '@/components/ui/row-list';
import { ErrorState } from '@/components/ui/states';
import { kRulesShown, useMqttRules, useRemoveMqttRule } from '@/lib/api/mqtt-access';
import type { MqttRule } from '@/lib/api/types';
import { AccessRuleForm } from './access-rule-form';

const kVerbs = {
  publish: 'publish to',
  subscribe: 'subscribe to',
  all: 'publish and subscribe to',
};

interface RuleLineProps {
  rule: MqttRule;
  onRemove: () => void;
}

function RuleLine({ rule, onRemove }: RuleLineProps) {
  const denied = rule.effect === 'deny';
  return (
    <Box
      component="li"
      data-testid="mqtt-rule"
      sx={{
        display: 'grid',
        gridTemplateColumns: '64px minmax(0, 1fr) auto',
        alignItems: 'center',
        columnGap: 1.5,
        py: 0.5,
        fontSize: '0.875rem',
      }}
    >
      <Pill filled color={denied ? 'error.main' : 'success.main'}>
        {denied ? 'Deny' : 'Allow'}
      </Pill>
      <Box sx={{ overflowWrap: 'anywhere' }}>
        {kVerbs[rule.action]} <code>{rule.topic}</code>
      </Box>
      <Tooltip title="Remove rule">
        <IconButton aria-label={`Remove the rule about ${rule.topic}`} onClick={onRemove}>
          <Trash2 size={16} />
        </IconButton>
      </Tooltip>
    </Box>
  );
}

function RemoveRule({ rule, onClose }: { rule: MqttRule; onClose: () => void }) {
  const remove = useRemoveMqttRule();
  return (
    <ConfirmDialog
      open
      title="Remove this rule?"
      confirm="Remove rule"
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(rule.id, { onSuccess: onClose });
      }}
    >
      {rule.effect === 'allow' ? (
        <>
          Clients of {rule.username} may not {kVerbs[rule.action]} <code>{rule.topic}</code> any
          more, those connected at once, unless another rule allows it.
        </>
      ) : (
        <>
          Whatever other rules allow about <code>{rule.topic}</code> holds again.
        </>
      )}
    </ConfirmDialog>
  );
}

/** What the clients of a credential may do. A change holds for those connected at once. */
export function AccessRules({ username }: { username: string }) {
  const query = useMqttRules(username);
  const [removed, setRemoved] = useState<MqttRule | null>(null);
  const rules = query.data?.rules;

  function content() {
    if (rules === undefined) {
      if (!query.isError) return <Skeleton variant="rounded" height={88} />;
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (rules.length === 0) {
      return (
        <Box sx={{ color: 'text.secondary', fontSize: '0.875rem' }}>
          No rules: it may connect, but neither publish nor subscribe.
        </Box>
      );
    }
    return (
      <RowList>
        {rules.map((rule) => (
          <RuleLine
            key={rule.id}
            rule={rule}
            onRemove={() => {
              setRemoved(rule);
            }}
          />
        ))}
      </RowList>
    );
  }

  return (
    <>
      {content()}
      {query.data && query.data.total > kRulesShown && (
        <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
          The first {kRulesShown} of {query.data.total} rules.
        </Box>
      )}
      <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
        What no rule allows is not allowed, and a rule that denies wins.
      </Box>
      <AccessRuleForm username={username} />
      {removed && (
        <RemoveRule
          rule={removed}
          onClose={() => {
            setRemoved(null);
          }}
        />
      )}
    </>
  );
}
