import { MenuItem, TextField, type TextFieldProps } from '@mui/material';

interface SelectFieldProps<T extends string> extends Pick<
  TextFieldProps,
  'disabled' | 'error' | 'helperText' | 'sx'
> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few choices, in a form. */
export function SelectField<T extends string>({
  options,
  onChange,
  ...props
}: SelectFieldProps<T>) {
  return (
    <TextField
      select
      {...props}
      onChange={(event) => {
        onChange(event.target.value as T);
      }}
    >
      {options.map(({ value, label }) => (
        <MenuItem key={value} value={value}>
          {label}
        </MenuItem>
      ))}
    </TextField>
  );
}
