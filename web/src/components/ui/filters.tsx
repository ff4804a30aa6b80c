import { InputAdornment, MenuItem, TextField } from '@mui/material';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useDebounced } from '@/lib/hooks/use-debounced';

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Reports what was typed after a short pause. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text);
  const reported = useRef(value);

  useEffect(() => {
    if (settled === reported.current) return;
    reported.current = settled;
    onChange(settled);
  }, [settled, onChange]);

  return (
    <TextField
      type="search"
      value={text}
      placeholder={label}
      onChange={(event) => {
        setText(event.target.value);
      }}
      sx={{ flex: { xs: '1 1 100%', sm: '0 1 280px' } }}
      slotProps={{
        htmlInput: { 'aria-label': label },
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <Search size={16} aria-hidden />
            </InputAdornment>
          ),
        },
      }}
    />
  );
}

interface FilterSelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
  /** Text of the entry that filters nothing; without it there is none. */
  any?: string;
}

export function FilterSelect({ label, value, onChange, options, any }: FilterSelectProps) {
  const known = options.some((option) => option.value === value);
  return (
    <TextField
      select
      value={known ? value : ''}
      onChange={(event) => {
        onChange(event.target.value);
      }}
      sx={{ flex: { xs: '1 1 130px', sm: '0 0 auto' }, minWidth: { sm: 150 } }}
      slotProps={{
        select: {
          displayEmpty: true,
          SelectDisplayProps: { 'aria-label': label },
          MenuProps: { slotProps: { paper: { sx: { maxHeight: 360 } } } },
        },
      }}
    >
      {any !== undefined && <MenuItem value="">{any}</MenuItem>}
      {options.map((option) => (
        <MenuItem key={option.value} value={option.value}>
          {option.label}
        </MenuItem>
      ))}
    </TextField>
  );
}
