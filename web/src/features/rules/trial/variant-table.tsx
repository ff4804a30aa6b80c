import { Box, ButtonBase, Tooltip, Typography } from '@mui/material';
import type { BacktestVariant, RuleCreate } from '@/lib/api/types';
import { counted } from '@/lib/units';
import { clearWords, gridOf, holdWords, minutesWords } from './backtest-words';

interface VariantTableProps {
  variants: readonly BacktestVariant[];
  rule: RuleCreate;
  unit: string;
  onTake: (variant: BacktestVariant) => void;
}

interface CellProps {
  variant: BacktestVariant;
  label: string;
  /** From 0 for the fewest episodes to 1 for the most. */
  share: number;
  onTake: () => void;
}

function Cell({ variant, label, share, onTake }: CellProps) {
  const told = `${counted(variant.episodes, 'episode')}, ${minutesWords(variant.alert_minutes)} in alert`;
  return (
    <Tooltip title={variant.as_drafted ? `As drafted: ${told}` : `${told}. Click to take it over`}>
      <ButtonBase
        disabled={variant.as_drafted}
        aria-label={`${label}: ${told}${variant.as_drafted ? ', as drafted' : '; take it over'}`}
        onClick={onTake}
        className="numeric"
        sx={{
          position: 'relative',
          isolation: 'isolate',
          width: '100%',
          minHeight: 34,
          borderRadius: 0.75,
          fontSize: '0.8438rem',
          fontWeight: variant.as_drafted ? 650 : 500,
          outline: variant.as_drafted ? '2px solid' : undefined,
          outlineColor: variant.as_drafted ? 'primary.main' : undefined,
          outlineOffset: '-2px',
          '&::before': {
            content: '""',
            position: 'absolute',
            inset: 0,
            zIndex: -1,
            borderRadius: 'inherit',
            bgcolor: 'warning.main',
            opacity: 0.05 + 0.3 * share,
          },
          '&:hover::before': { opacity: 0.15 + 0.35 * share },
        }}
      >
        {variant.episodes.toLocaleString('en-US')}
      </ButtonBase>
    </Tooltip>
  );
}

/** How many episodes other durations and hysteresis would have made; a click takes one over. */
export function VariantTable({ variants, rule, unit, onTake }: VariantTableProps) {
  const grid = gridOf(variants, rule);
  const counts = variants.map(({ episodes }) => episodes);
  const fewest = Math.min(...counts);
  const span = Math.max(1, Math.max(...counts) - fewest);
  return (
    <Box>
      <Typography variant="h3">Episodes with other settings</Typography>
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mb: 1 }}>
        By how long it must hold, and where it clears. A click takes a setting over.
      </Typography>
      <Box
        component="table"
        data-testid="variants"
        sx={{
          width: '100%',
          tableLayout: 'fixed',
          borderCollapse: 'separate',
          borderSpacing: 2,
          '& th': {
            fontSize: '0.75rem',
            fontWeight: 520,
            color: 'text.secondary',
            textAlign: 'left',
          },
          '& thead th:not(:first-of-type)': { textAlign: 'center' },
        }}
      >
        <thead>
          <tr>
            <Box component="th" scope="col" sx={{ width: { xs: 88, sm: 120 } }}>
              Clears
            </Box>
            {grid.holds.map((hold) => (
              <th key={hold} scope="col">
                {holdWords(hold)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.clears.map((clear) => (
            <tr key={clear}>
              <th scope="row">{clearWords(clear, rule, unit)}</th>
              {grid.holds.map((hold) => {
                const variant = grid.at(clear, hold);
                return (
                  <Box component="td" key={hold} sx={{ p: 0 }}>
                    {variant && (
                      <Cell
                        variant={variant}
                        share={(variant.episodes - fewest) / span}
                        label={`Clears ${clearWords(clear, rule, unit)}, holds ${holdWords(hold)}`}
                        onTake={() => {
                          onTake(variant);
                        }}
                      />
                    )}
                  </Box>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}
