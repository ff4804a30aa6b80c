import { Alert, Box, Button, Typography } from '@mui/material';
import { CircleCheck, CircleDashed, CircleHelp } from 'lucide-react';
import { Pill } from '@/components/ui/chips';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import { errorMessage } from '@/lib/api/error';
import { useExplanation } from '@/lib/api/rules';
import type { Rule, RuleExplanation, RuleFinding } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { fieldLabel } from '@/lib/fields';
import type { UnitOf } from '@/lib/rule-sentence';
import { formatDuration, kSecond } from '@/lib/time';
import { kAggregateNames } from '../kinds';
import { measured } from './measured';

function findingWords(finding: RuleFinding, unitOf: UnitOf): string {
  const { kind, value, property, operator, threshold } = finding;
  const field = fieldLabel(property);
  if (value === null) return `No reading has ${field.toLowerCase()}`;
  const lasting = (seconds: number) => formatDuration(seconds * kSecond, 2);
  if (kind === 'no_data') {
    return `No ${field.toLowerCase()} for ${lasting(value)}; the limit is ${lasting(threshold)}`;
  }
  const unit = finding.aggregate === 'count' ? '' : unitOf(property);
  const window = finding.window_s ? ` over ${lasting(finding.window_s)}` : '';
  const what = {
    threshold: field,
    change: `Change of ${field.toLowerCase()}${window}`,
    aggregate: `${kAggregateNames[finding.aggregate ?? 'mean']} of ${field.toLowerCase()}${window}`,
  }[kind];
  const verdict = finding.holds ? '' : 'not ';
  return `${what} is ${measured(value, unit)}, ${verdict}${describeLimit(operator, threshold, unit)}`;
}

function Finding({ finding, unitOf }: { finding: RuleFinding; unitOf: UnitOf }) {
  const Icon = finding.value === null ? CircleHelp : finding.holds ? CircleCheck : CircleDashed;
  return (
    <Box component="li" title={finding.reason} sx={{ display: 'flex', gap: 1, py: 0.5 }}>
      <Box
        component="span"
        sx={{ color: finding.holds ? 'warning.main' : 'text.secondary', flexShrink: 0, pt: 0.25 }}
      >
        <Icon size={16} aria-label={finding.holds ? 'Holds' : 'Does not hold'} />
      </Box>
      <Typography variant="body2">{findingWords(finding, unitOf)}</Typography>
    </Box>
  );
}

function Verdict({ found }: { found: RuleExplanation }) {
  if (found.holds && found.severity) {
    return <Pill color={`severity.${found.severity}`}>Holds, {found.severity}</Pill>;
  }
  return (
    <Pill color="text.secondary" hollow>
      {found.schedule_active ? 'Does not hold' : 'Not at work at this time'}
    </Pill>
  );
}

interface WhyPanelProps {
  rule: Rule;
  sample: string;
  unitOf: UnitOf;
  /** The form differs from what is stored, which is what this looks at. */
  changed: boolean;
}

/** Which conditions of the stored rule hold right now, and with which values. */
export function WhyPanel({ rule, sample, unitOf, changed }: WhyPanelProps) {
  const explanation = useExplanation(rule.id);
  const { data, error, isPending } = explanation;
  const found = data?.device_id === sample ? data : undefined;
  return (
    <Panel
      title="Right now"
      subtitle={changed ? 'Of the rule as it is stored' : undefined}
      actions={
        <Button
          size="small"
          variant="outlined"
          color="secondary"
          disabled={sample === ''}
          loading={isPending}
          onClick={() => {
            explanation.mutate(sample);
          }}
        >
          {found ? 'Check again' : 'Check'}
        </Button>
      }
    >
      {error ? (
        <Alert severity="error">{errorMessage(error)}</Alert>
      ) : found ? (
        <Box aria-live="polite" data-testid="why">
          <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1.5, alignItems: 'center' }}>
            <Verdict found={found} />
            <Typography variant="caption" color="textSecondary">
              reading of <RelativeTime time={found.timestamp} />
            </Typography>
          </Box>
          <Box component="ul" sx={{ listStyle: 'none', m: 0, mt: 0.75, p: 0 }}>
            {found.conditions.map((finding, index) => (
              <Finding key={index} finding={finding} unitOf={unitOf} />
            ))}
          </Box>
        </Box>
      ) : (
        <Typography variant="body2" color="textSecondary">
          Holds the newest reading against each condition, and tells why it holds or not.
        </Typography>
      )}
    </Panel>
  );
}
