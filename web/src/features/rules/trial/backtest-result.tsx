import { Box, Typography } from '@mui/material';
import type { Backtest, BacktestVariant, RuleCreate } from '@/lib/api/types';
import type { UnitOf } from '@/lib/rule-sentence';
import { formatDuration, formatShort, kMinute, parseTime } from '@/lib/time';
import { counted, formatCount } from '@/lib/units';
import { BacktestChart } from './backtest-chart';
import { measured } from './measured';
import { useHistory } from './use-history';
import { daysOf, minutesWords } from './backtest-words';
import { VariantTable } from './variant-table';

function Figure({ value, label }: { value: string; label: string }) {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography
        className="numeric"
        sx={{ fontSize: '1.25rem', fontWeight: 620, lineHeight: 1.2 }}
      >
        {value}
      </Typography>
      <Typography variant="caption" color="textSecondary">
        {label}
      </Typography>
    </Box>
  );
}

/** Of the last episodes, one line each. */
const kListed = 4;

function Episodes({
  result,
  rule,
  unitOf,
}: {
  result: Backtest;
  rule: RuleCreate;
  unitOf: UnitOf;
}) {
  const first = rule.conditions[0];
  const last = result.episodes.slice(-kListed).reverse();
  const worst = (value: number) => {
    if (first?.kind === 'no_data') return minutesWords(value / 60);
    const counts = first?.kind === 'aggregate' && first.aggregate === 'count';
    return measured(value, counts ? '' : unitOf(first?.property ?? ''));
  };
  return (
    <Box
      component="table"
      aria-label="Latest episodes"
      sx={{
        width: '100%',
        borderCollapse: 'collapse',
        fontSize: '0.8125rem',
        '& th, & td': { py: 0.5, textAlign: 'left', fontWeight: 'inherit' },
        '& th': { fontSize: '0.75rem', color: 'text.secondary' },
        '& tr > :last-of-type': { textAlign: 'right' },
        '& tbody tr': { borderTop: 1, borderColor: 'line' },
      }}
    >
      <thead>
        <tr>
          <th scope="col">Began</th>
          <th scope="col">Lasted</th>
          <th scope="col">Worst</th>
        </tr>
      </thead>
      <tbody>
        {last.map((episode) => {
          const start = parseTime(episode.start) ?? 0;
          const end = parseTime(episode.end) ?? parseTime(result.end) ?? start;
          return (
            <tr key={episode.start}>
              <td>{formatShort(start)}</td>
              <td>{end - start < kMinute ? '< 1 min' : formatDuration(end - start)}</td>
              <td className="numeric">{worst(episode.worst_value)}</td>
            </tr>
          );
        })}
      </tbody>
    </Box>
  );
}

interface BacktestResultProps {
  result: Backtest;
  /** As it was tried. */
  rule: RuleCreate;
  unitOf: UnitOf;
  onTake: (variant: BacktestVariant) => void;
}

/** What a rule would have raised. */
export function BacktestResult({ result, rule, unitOf, onTake }: BacktestResultProps) {
  const { points } = useHistory(result, rule.conditions[0]?.property ?? '');
  const days = daysOf(result, points[0]?.[0]);
  const { episode_count: count } = result;
  if (result.readings === 0) {
    return (
      <Typography variant="body2" color="textSecondary" data-testid="backtest-result">
        No readings are stored of this time: there is nothing to replay.
      </Typography>
    );
  }
  return (
    <Box sx={{ display: 'grid', gap: 2 }} data-testid="backtest-result">
      <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'repeat(3, minmax(0, 1fr))' }}>
        <Figure
          value={count.toLocaleString('en-US')}
          label={`${count === 1 ? 'episode' : 'episodes'} in ${counted(Math.round(days), 'day')}`}
        />
        <Figure value={minutesWords(result.alert_minutes / days)} label="in alert a day" />
        <Figure value={formatCount(result.readings)} label="readings looked at" />
      </Box>
      <BacktestChart result={result} rule={rule} unitOf={unitOf} />
      {count === 0 ? (
        <Typography variant="body2" color="textSecondary">
          It would not have triggered once.
        </Typography>
      ) : (
        <Episodes result={result} rule={rule} unitOf={unitOf} />
      )}
      {result.variants.length > 1 && (
        <VariantTable
          variants={result.variants}
          rule={rule}
          unit={unitOf(rule.conditions[0]?.property ?? '')}
          onTake={onTake}
        />
      )}
    </Box>
  );
}
