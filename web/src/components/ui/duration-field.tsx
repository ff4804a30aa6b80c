import { InputAdornment, MenuItem, Select, TextField, type TextFieldProps } from '@mui/material';
import { kDurationUnits, type DurationText, type DurationUnit } from '@/lib/duration';

interface DurationFieldProps extends Pick<
  TextFieldProps,
  'disabled' | 'error' | 'helperText' | 'sx' | 'placeholder'
> {
  label: string;
  value: DurationText;
  onChange: (value: DurationText) => void;
}

const kUnitNames: Record<DurationUnit, string> = {
  s: 'seconds',
  min: 'minutes',
  h: 'hours',
  d: 'days',
};

/** A length of time: a number and its unit. */
export function DurationField({ value, onChange, ...props }: DurationFieldProps) {
  return (
    <TextField
      {...props}
      value={value.amount}
      onChange={(event) => {
        onChange({ ...value, amount: event.target.value });
      }}
      slotProps={{
        htmlInput: { inputMode: 'decimal' },
        inputLabel: props.placeholder === undefined ? undefined : { shrink: true },
        input: {
          sx: { pr: 0.5 },
          endAdornment: (
            <InputAdornment position="end">
              <Select
                variant="standard"
                disableUnderline
                disabled={props.disabled}
                value={value.unit}
                renderValue={(unit) => unit}
                onChange={(event) => {
                  onChange({ ...value, unit: event.target.value });
                }}
                inputProps={{ 'aria-label': `${props.label}: unit` }}
                sx={{
                  fontSize: '0.875rem',
                  color: 'text.secondary',
                  '& .MuiSelect-icon': { right: 4 },
                  '& .MuiSelect-select': { pl: 0.75, py: 0.5, minWidth: 0 },
                }}
              >
                {kDurationUnits.map((unit) => (
                  <MenuItem key={unit} value={unit}>
                    {kUnitNames[unit]}
                  </MenuItem>
                ))}
              </Select>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}
