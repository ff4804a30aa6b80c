import { Box, Button, ToggleButton, ToggleButtonGroup } from '@mui/material';
import { Plus } from 'lucide-react';
import type { RuleJoin } from '@/lib/api/types';
import { emptyCondition, type ConditionDraft } from '../draft/rule-draft';
import { ConditionFields } from './condition-fields';
import type { FormPart } from './part';

/** As many as the server takes. */
const kMostConditions = 8;

/** What must hold; one condition unless more are asked for. */
export function Conditions({ draft, set, errors, view, sample }: FormPart & { sample: string }) {
  const { conditions, join } = draft;
  const replace = (next: ConditionDraft) => {
    set({ conditions: conditions.map((one) => (one.key === next.key ? next : one)) });
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      {conditions.length > 1 && (
        <ToggleButtonGroup
          exclusive
          size="small"
          aria-label="Conditions that must hold"
          value={join}
          onChange={(_, next: RuleJoin | null) => {
            if (next) set({ join: next });
          }}
          sx={{ justifySelf: 'start' }}
        >
          <ToggleButton value="all">All must hold</ToggleButton>
          <ToggleButton value="any">Any is enough</ToggleButton>
        </ToggleButtonGroup>
      )}
      {conditions.map((condition, index) => (
        <ConditionFields
          key={condition.key}
          condition={condition}
          index={index}
          errors={errors}
          view={view}
          sample={sample}
          onChange={replace}
          onRemove={
            conditions.length > 1
              ? () => {
                  set({ conditions: conditions.filter(({ key }) => key !== condition.key) });
                }
              : undefined
          }
        />
      ))}
      {conditions.length < kMostConditions && (
        <Button
          color="secondary"
          size="small"
          startIcon={<Plus size={15} />}
          sx={{ justifySelf: 'start' }}
          onClick={() => {
            set({ conditions: [...conditions, emptyCondition()] });
          }}
        >
          Add a condition
        </Button>
      )}
    </Box>
  );
}
