import { InputAdornment, TextField, type TextFieldProps } from '@mui/material';

interface NumberFieldProps extends Pick<
  TextFieldProps,
  'disabled' | 'error' | 'helperText' | 'sx' | 'placeholder'
> {
  label: string;
  value: string;
  unit: string;
  onChange: (value: string) => void;
}

/** A number as typed, with its unit. */
export function NumberField({ unit, onChange, ...props }: NumberFieldProps) {
  return (
    <TextField
      {...props}
      onChange={(event) => {
        onChange(event.target.value);
      }}
      slotProps={{
        htmlInput: { inputMode: 'decimal' },
        inputLabel: props.placeholder === undefined ? undefined : { shrink: true },
        // Also beside a helper text that is more than text.
        formHelperText: { component: 'div' },
        input: { endAdornment: <InputAdornment position="end">{unit}</InputAdornment> },
      }}
    />
  );
}
