import { Box } from '@mui/material';
import { DurationField } from '@/components/ui/duration-field';
import { clearSide } from '@/lib/conditions';
import { secondsOf } from '@/lib/duration';
import { fieldLabel } from '@/lib/fields';
import { fieldState } from '@/lib/forms';
import { formatDuration, kSecond } from '@/lib/time';
import type { RuleDraft } from '../draft/rule-draft';
import { canClear } from '../draft/rule-request';
import { NumberField } from './number-field';
import type { FormPart } from './part';

const spoken = (seconds: number) => formatDuration(seconds * kSecond, 4);

/** The fold's summary. */
export function steadyWords(draft: RuleDraft): string {
  const hold = secondsOf(draft.hold) ?? 0;
  const clearHold = secondsOf(draft.clearHold) ?? 0;
  const hysteresis = draft.conditions.some((one) => canClear(one) && one.clear.trim() !== '');
  const parts = [
    hold > 0 && `after ${spoken(hold)}`,
    hysteresis && 'own limit to clear',
    clearHold > 0 && `clears after ${spoken(clearHold)}`,
  ].filter(Boolean);
  return parts.length === 0 ? 'Raises and clears at once' : parts.join(' · ');
}

export const kSteadyErrors = /^for_s|^clear_for_s|\.clear_threshold$/;

/** What keeps an alert from flickering: durations and hysteresis. */
export function SteadyFields({ draft, set, errors, view }: FormPart) {
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { sm: '1fr 1fr' } }}>
      <DurationField
        label="Must hold for"
        placeholder="0"
        value={draft.hold}
        onChange={(hold) => {
          set({ hold });
        }}
        {...fieldState(errors, 'for_s', 'Before the alert is raised')}
      />
      <DurationField
        label="Must be over for"
        placeholder="0"
        value={draft.clearHold}
        onChange={(clearHold) => {
          set({ clearHold });
        }}
        {...fieldState(errors, 'clear_for_s', 'Before the alert clears')}
      />
      {draft.conditions.map((condition, index) => {
        if (!canClear(condition)) return null;
        const clears = `lears ${clearSide(condition.operator) ?? ''}`;
        const several = draft.conditions.length > 1 && condition.property !== '';
        return (
          <NumberField
            key={condition.key}
            label={several ? `${fieldLabel(condition.property)} c${clears}` : `C${clears}`}
            placeholder={condition.threshold || 'the threshold'}
            unit={view.unitOf(condition.property)}
            value={condition.clear}
            onChange={(clear) => {
              set({
                conditions: draft.conditions.map((one) =>
                  one.key === condition.key ? { ...one, clear } : one,
                ),
              });
            }}
            {...fieldState(
              errors,
              `conditions[${index}].clear_threshold`,
              'A distance to the threshold keeps values near it from flickering',
            )}
          />
        );
      })}
    </Box>
  );
}
