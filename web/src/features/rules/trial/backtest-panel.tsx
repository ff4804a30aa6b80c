import {
  Alert,
  Box,
  Button,
  LinearProgress,
  ToggleButton,
  ToggleButtonGroup,
  Typography,
} from '@mui/material';
import { History, Square } from 'lucide-react';
import { useState } from 'react';
import { Panel } from '@/components/ui/panel';
import { errorMessage } from '@/lib/api/error';
import { useBacktest } from '@/lib/api/rules';
import type { BacktestVariant } from '@/lib/api/types';
import { durationText } from '@/lib/duration';
import { fieldErrors } from '@/lib/forms';
import type { UnitOf } from '@/lib/rule-sentence';
import { kDay } from '@/lib/time';
import type { RuleDraft } from '../draft/rule-draft';
import { ruleOf } from '../draft/rule-request';
import { BacktestResult } from './backtest-result';
import { sameTrial } from './backtest-words';

const kSpans = [7, 30, 90] as const;

/** The draft with the settings of a variant. */
function withVariant(draft: RuleDraft, variant: BacktestVariant): RuleDraft {
  const clear = variant.clear_threshold === null ? '' : String(variant.clear_threshold);
  return {
    ...draft,
    hold: durationText(variant.for_s),
    conditions: draft.conditions.map((one, index) => (index === 0 ? { ...one, clear } : one)),
  };
}

interface BacktestPanelProps {
  draft: RuleDraft;
  /** The device it is tried on. */
  sample: string;
  unitOf: UnitOf;
  /** Whether the draft can be sent. */
  check: () => boolean;
  /** Told of fields that the server does not accept. */
  onRefused: (error: unknown) => void;
  onTake: (change: Partial<RuleDraft>) => void;
}

/** What the draft would have raised on the readings that are stored. */
export function BacktestPanel(props: BacktestPanelProps) {
  const { draft, sample, unitOf, check, onRefused, onTake } = props;
  const [days, setDays] = useState<(typeof kSpans)[number]>(30);
  const { mutate, data, error, isPending, variables, cancel } = useBacktest();
  const tried = variables?.rule;
  const stale =
    tried !== undefined && (variables?.device !== sample || !sameTrial(tried, ruleOf(draft, '')));

  function run(of: RuleDraft, span: number) {
    const end = Date.now();
    mutate(
      { rule: ruleOf(of, 'Backtest'), device: sample, start: end - span * kDay, end },
      { onError: onRefused },
    );
  }

  const nobody = sample === '' && draft.target.kind !== 'device';
  const refused = error !== null && Object.keys(fieldErrors(error)).length > 0;

  return (
    <Panel
      title="Backtest"
      subtitle="On the readings that are stored"
      actions={
        // On a phone a line of their own.
        <Box sx={{ display: 'flex', gap: 1, width: { xs: '100%', sm: 'auto' } }}>
          <ToggleButtonGroup
            exclusive
            size="small"
            aria-label="Days to look back"
            value={days}
            disabled={isPending}
            onChange={(_, next: typeof days | null) => {
              if (!next) return;
              setDays(next);
              if (data && check()) run(draft, next);
            }}
          >
            {kSpans.map((span) => (
              <ToggleButton key={span} value={span} aria-label={`${span} days`}>
                {span} d
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          {isPending ? (
            <Button
              size="small"
              variant="outlined"
              color="secondary"
              startIcon={<Square size={13} />}
              onClick={cancel}
            >
              Cancel
            </Button>
          ) : (
            <Button
              size="small"
              variant="outlined"
              color="secondary"
              startIcon={<History size={14} />}
              disabled={nobody}
              onClick={() => {
                if (check()) run(draft, days);
              }}
            >
              Run
            </Button>
          )}
        </Box>
      }
    >
      <Box aria-live="polite" sx={{ display: 'grid', gap: 2 }}>
        {isPending && (
          <Box role="status">
            <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
              Replaying {days} days…
            </Typography>
            <LinearProgress aria-label="Backtest" />
          </Box>
        )}
        {error && (
          <Alert severity={refused ? 'warning' : 'error'}>
            {refused ? 'Some entries of the rule need a correction first.' : errorMessage(error)}
          </Alert>
        )}
        {data && tried && (
          <>
            {stale && (
              <Typography variant="body2" color="warning">
                The rule has changed since: run it again.
              </Typography>
            )}
            <Box sx={{ opacity: stale ? 0.55 : 1 }}>
              <BacktestResult
                result={data}
                rule={tried}
                unitOf={unitOf}
                onTake={(variant) => {
                  const next = withVariant(draft, variant);
                  onTake({ hold: next.hold, conditions: next.conditions });
                  run(next, days);
                }}
              />
            </Box>
          </>
        )}
        {!data && !error && !isPending && (
          <Typography variant="body2" color="textSecondary">
            {nobody
              ? 'The rule watches no device yet on which it could be tried.'
              : 'Replays the rule as it is drafted, with the code that judges live readings: how often it would have called you, and how other settings compare. Nothing is stored, nobody is notified.'}
          </Typography>
        )}
      </Box>
    </Panel>
  );
}
