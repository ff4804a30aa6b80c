import { Autocomplete, Box, IconButton, TextField, Tooltip } from '@mui/material';
import { Trash2 } from 'lucide-react';
import { DurationField } from '@/components/ui/duration-field';
import { SelectField } from '@/components/ui/select-field';
import { kOperators, kOperatorWords } from '@/lib/conditions';
import { fieldLabel } from '@/lib/fields';
import { fieldState } from '@/lib/forms';
import { formatPlain } from '@/lib/units';
import type { ConditionDraft } from '../draft/rule-draft';
import { kAggregateNames, kAggregates, kKindNames, kKinds } from '../kinds';
import type { TargetView } from '../use-target';
import { LiveValue } from './live-value';
import { NumberField } from './number-field';

interface ConditionFieldsProps {
  condition: ConditionDraft;
  /** 0 for the first. */
  index: number;
  /** Only one of several can be removed. */
  onRemove?: () => void;
  onChange: (condition: ConditionDraft) => void;
  errors: Record<string, string>;
  view: TargetView;
  /** Whose readings are shown; empty while there is none. */
  sample: string;
}

const kHalf = { sm: 'span 3' };

/** What a threshold is to be compared with: what is read now and what readings can hold at all. */
function Hint(props: Pick<ConditionFieldsProps, 'condition' | 'view' | 'sample'>) {
  const { condition, view, sample } = props;
  const field = view.fields.find(({ name }) => name === condition.property);
  const unit = view.unitOf(condition.property);
  if (condition.property === '') return null;
  return (
    <>
      {sample !== '' && (
        <LiveValue
          deviceId={sample}
          deviceName={view.devices.length === 1 ? undefined : view.nameOf(sample)}
          field={condition.property}
          unit={unit}
        />
      )}
      {field && condition.kind === 'threshold' && (
        <>
          {sample !== '' && ' · '}range {formatPlain(field.min)} – {formatPlain(field.max, unit)}
        </>
      )}
    </>
  );
}

/** One comparison with a field. */
export function ConditionFields(props: ConditionFieldsProps) {
  const { condition, index, onChange, onRemove, errors, view, sample } = props;
  const at = `conditions[${index}]`;
  const set = (change: Partial<ConditionDraft>) => {
    onChange({ ...condition, ...change });
  };
  const { kind } = condition;
  const windowed = kind === 'aggregate' || kind === 'change';
  const counts = kind === 'aggregate' && condition.aggregate === 'count';
  const error = errors[`${at}.threshold`];

  return (
    <Box
      role="group"
      aria-label={`Condition ${index + 1}`}
      data-testid="condition"
      sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}
    >
      <Box
        sx={{
          flex: 1,
          minWidth: 0,
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'repeat(6, minmax(0, 1fr))' },
        }}
      >
        <Autocomplete
          freeSolo
          forcePopupIcon
          options={view.fields.map(({ name }) => name)}
          inputValue={condition.property}
          onInputChange={(_, property) => {
            if (property !== condition.property) set({ property });
          }}
          sx={{ gridColumn: kHalf }}
          renderInput={(parameters) => (
            <TextField {...parameters} label="Field" {...fieldState(errors, `${at}.property`)} />
          )}
          renderOption={({ key, ...item }, name) => (
            <li key={key} {...item}>
              {fieldLabel(name)}
            </li>
          )}
        />
        <SelectField
          label="Look at"
          value={kind}
          options={kKinds.map((value) => ({ value, label: kKindNames[value] }))}
          sx={{ gridColumn: kHalf }}
          onChange={(next) => {
            set({ kind: next });
          }}
          {...fieldState(errors, `${at}.kind`)}
        />
        {kind === 'aggregate' && (
          <SelectField
            label="Condensed to"
            value={condition.aggregate}
            options={kAggregates.map((value) => ({ value, label: kAggregateNames[value] }))}
            sx={{ gridColumn: kHalf }}
            onChange={(aggregate) => {
              set({ aggregate });
            }}
            {...fieldState(errors, `${at}.aggregate`)}
          />
        )}
        {windowed && (
          <DurationField
            label={kind === 'change' ? 'Within' : 'Over the last'}
            value={condition.window}
            sx={{ gridColumn: kHalf }}
            onChange={(window) => {
              set({ window });
            }}
            {...fieldState(errors, `${at}.window_s`)}
          />
        )}
        {kind === 'no_data' ? (
          <DurationField
            label="Silent for"
            value={condition.silence}
            sx={{ gridColumn: kHalf }}
            onChange={(silence) => {
              set({ silence });
            }}
            {...fieldState(errors, `${at}.threshold`)}
          />
        ) : (
          <>
            <SelectField
              label={kind === 'change' ? 'Newest less oldest is' : 'Is'}
              value={condition.operator}
              options={kOperators.map((value) => ({
                value,
                label: `${kOperatorWords[value]} (${value})`,
              }))}
              sx={{ gridColumn: kHalf }}
              onChange={(operator) => {
                set({ operator });
              }}
              {...fieldState(errors, `${at}.operator`)}
            />
            <NumberField
              label="Threshold"
              value={condition.threshold}
              unit={counts ? '' : view.unitOf(condition.property)}
              sx={{ gridColumn: kHalf }}
              onChange={(threshold) => {
                set({ threshold });
              }}
              error={error !== undefined}
              helperText={error ?? <Hint condition={condition} view={view} sample={sample} />}
            />
          </>
        )}
      </Box>
      {onRemove && (
        <Tooltip title="Remove this condition">
          <IconButton aria-label={`Remove condition ${index + 1}`} onClick={onRemove}>
            <Trash2 size={16} />
          </IconButton>
        </Tooltip>
      )}
    </Box>
  );
}
