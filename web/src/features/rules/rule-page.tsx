import { Box, Button, Skeleton } from '@mui/material';
import { SlidersHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { ActionMenu } from '@/components/ui/action-menu';
import { BackLink } from '@/components/ui/back-link';
import { RuleStatusChip } from '@/components/ui/chips';
import { PageHeader } from '@/components/ui/page-header';
import { RelativeTime } from '@/components/ui/relative-time';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { ApiError } from '@/lib/api/error';
import { useRule } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { usePermissions } from '@/lib/store/hooks';
import { DeleteRule } from './delete-rule';
import { draftOfRule, emptyRule } from './draft/rule-draft';
import { RuleEditor } from './rule-editor';
import { RuleView } from './rule-view';
import { useStatusChange } from './use-rule-change';

const kBack = <BackLink to="/rules">Rules</BackLink>;

function Loading() {
  return (
    <Box sx={{ display: 'grid', gap: 2 }} role="status" aria-label="Loading">
      <Skeleton variant="rounded" width={260} height={34} />
      <Skeleton variant="rounded" height={160} />
      <Skeleton variant="rounded" height={320} />
    </Box>
  );
}

function Failed({ query }: { query: ReturnType<typeof useRule> }) {
  const { error } = query;
  // 400: what is no id at all.
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <StateMessage
        icon={SlidersHorizontal}
        title="There is no such rule"
        text="It may have been deleted, or the address is mistyped."
        action={
          <Button component={Link} to="/rules" variant="contained">
            All rules
          </Button>
        }
      />
    );
  }
  return <ErrorState error={error} onRetry={() => void query.refetch()} />;
}

function Actions({ rule }: { rule: Rule }) {
  const navigate = useNavigate();
  const { pending, change } = useStatusChange(rule);
  const [deleting, setDeleting] = useState(false);
  const active = rule.status === 'active';
  return (
    <>
      <Button
        variant="outlined"
        color="secondary"
        loading={pending}
        onClick={() => {
          change(active ? 'paused' : 'active');
        }}
      >
        {active ? 'Pause' : 'Activate'}
      </Button>
      <ActionMenu
        label="More actions"
        actions={[
          {
            label: 'Delete rule',
            icon: Trash2,
            danger: true,
            onChoose: () => {
              setDeleting(true);
            },
          },
        ]}
      />
      {deleting && (
        <DeleteRule
          rule={rule}
          onClose={() => {
            setDeleting(false);
          }}
          onDeleted={() => void navigate('/rules')}
        />
      )}
    </>
  );
}

function StoredRule({ rule }: { rule: Rule }) {
  const { edit } = usePermissions();
  // Fetched again in the background it must not replace what is being typed.
  const [opened] = useState(rule);
  const [initial] = useState(() => draftOfRule(rule));
  return (
    <>
      <PageHeader
        above={kBack}
        title={rule.name}
        badge={<RuleStatusChip status={rule.status} />}
        subtitle={
          rule.last_triggered === null ? (
            'Never triggered'
          ) : (
            <>
              Last triggered <RelativeTime time={rule.last_triggered} />
            </>
          )
        }
        actions={edit && <Actions rule={rule} />}
      />
      {edit ? <RuleEditor rule={opened} initial={initial} /> : <RuleView rule={rule} />}
    </>
  );
}

export function RulePage({ id }: { id: string }) {
  const query = useRule(id);
  if (query.data) return <StoredRule key={id} rule={query.data} />;
  return query.isError ? <Failed query={query} /> : <Loading />;
}

function NewRule({ like }: { like: Rule | null }) {
  const [search] = useSearchParams();
  const [initial] = useState(() =>
    like
      ? { ...draftOfRule(like), name: '' }
      : emptyRule({
          deviceId: search.get('device') ?? undefined,
          property: search.get('field') ?? undefined,
        }),
  );
  return (
    <>
      <PageHeader
        above={kBack}
        title="New rule"
        subtitle={like ? `Like ${like.name}` : 'A device, a field and a threshold are enough'}
      />
      <RuleEditor rule={null} initial={initial} />
    </>
  );
}

function LikeAnother({ id }: { id: string }) {
  const query = useRule(id);
  if (query.data) return <NewRule like={query.data} />;
  return query.isError ? <Failed query={query} /> : <Loading />;
}

/** `like` in the URL: the id of the rule to begin with; `device` and `field`: what it is to watch. */
export function NewRulePage() {
  const [search] = useSearchParams();
  const { edit } = usePermissions();
  const like = search.get('like');
  if (!edit) {
    return (
      <StateMessage
        icon={SlidersHorizontal}
        title="Rules are made by engineers"
        text="Your role may look at rules, but not change them."
      />
    );
  }
  return like === null ? <NewRule like={null} /> : <LikeAnother key={like} id={like} />;
}
