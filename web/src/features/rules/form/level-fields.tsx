import { Box, Button, IconButton } from '@mui/material';
import { Plus, Trash2 } from 'lucide-react';
import { capitalize } from '@/components/ui/chips';
import { DurationField } from '@/components/ui/duration-field';
import { SelectField } from '@/components/ui/select-field';
import type { Severity } from '@/lib/api/types';
import { kOperatorWords } from '@/lib/conditions';
import { kNoDuration } from '@/lib/duration';
import { fieldState } from '@/lib/forms';
import { nextKey, type LevelDraft, type RuleDraft } from '../draft/rule-draft';
import { NumberField } from './number-field';
import type { FormPart } from './part';

export const kSeverities: Severity[] = ['low', 'medium', 'high', 'critical'];
export const kSeverityOptions = kSeverities.map((value) => ({ value, label: capitalize(value) }));
export const kLevelErrors = /^levels/;

export function levelWords({ levels }: RuleDraft): string {
  if (levels.length === 0) return 'One severity throughout';
  return `Escalates to ${levels.map(({ severity }) => severity).join(', then ')}`;
}

/** Further thresholds at which an alert becomes more severe. */
export function LevelFields({ draft, set, errors, view }: FormPart) {
  const { levels, severity, conditions } = draft;
  const first = conditions[0];
  const last = levels.at(-1)?.severity ?? severity;
  const next = kSeverities[kSeverities.indexOf(last) + 1];
  const change = (level: LevelDraft) => {
    set({ levels: levels.map((one) => (one.key === level.key ? level : one)) });
  };
  const silence = first?.kind === 'no_data';
  const words = first ? kOperatorWords[first.operator] : '';

  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
        The same alert becomes more severe beyond a further threshold
        {conditions.length > 1 ? ' of the first condition' : ''}, rather than a second one being
        raised.
        {errors.levels !== undefined && (
          <Box role="alert" sx={{ color: 'error.main' }}>
            Levels {errors.levels}
          </Box>
        )}
      </Box>
      {levels.map((level, index) => (
        <Box
          key={level.key}
          role="group"
          aria-label={`Level ${index + 1}`}
          sx={{ display: 'grid', gap: 1, gridTemplateColumns: '1fr 1fr auto', alignItems: 'start' }}
        >
          <SelectField
            label="Becomes"
            value={level.severity}
            options={kSeverityOptions}
            onChange={(value) => {
              change({ ...level, severity: value });
            }}
            {...fieldState(errors, `levels[${index}].severity`)}
          />
          {silence ? (
            <DurationField
              label="After"
              value={level.silence}
              onChange={(value) => {
                change({ ...level, silence: value });
              }}
              {...fieldState(errors, `levels[${index}].threshold`)}
            />
          ) : (
            <NumberField
              label={capitalize(words)}
              value={level.threshold}
              unit={view.unitOf(first?.property ?? '')}
              onChange={(threshold) => {
                change({ ...level, threshold });
              }}
              {...fieldState(errors, `levels[${index}].threshold`)}
            />
          )}
          <IconButton
            aria-label={`Remove level ${index + 1}`}
            onClick={() => {
              set({ levels: levels.filter(({ key }) => key !== level.key) });
            }}
          >
            <Trash2 size={16} />
          </IconButton>
        </Box>
      ))}
      {next !== undefined && (
        <Button
          color="secondary"
          size="small"
          startIcon={<Plus size={15} />}
          sx={{ justifySelf: 'start' }}
          onClick={() => {
            const level = { key: nextKey(), severity: next, threshold: '', silence: kNoDuration };
            set({ levels: [...levels, level] });
          }}
        >
          Escalate to {next}
        </Button>
      )}
    </Box>
  );
}
