import { Box, InputAdornment, MenuItem, TextField } from '@mui/material';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useSearchState } from '@/lib/hooks/use-search-state';
import { capitalize } from './chips';

/** A search is reported this long after the last key. */
const kPauseMs = 250;

export interface Option {
  value: string;
  label: string;
}

/** Choices of a filter from the words of the API. */
export function optionsOf(values: readonly string[]): Option[] {
  return values.map((value) => ({ value, label: capitalize(value) }));
}

/** What a list is narrowed down and ordered by; above it. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mb: 2 }}>{children}</Box>;
}

/** Searches by the parameter `search` of the URL, a short pause after the last key. */
export function SearchFilter({ label }: { label: string }) {
  const { get, update } = useSearchState();
  const value = get('search');
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const [typing, setTyping] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (value !== seen) {
    // Changed from elsewhere, as by "Clear the filters": the field follows, unless somebody types.
    setSeen(value);
    if (!typing) setText(value);
  }
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );

  return (
    <TextField
      type="search"
      value={text}
      placeholder={label}
      onChange={({ target }) => {
        setText(target.value);
        setTyping(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          setTyping(false);
          update({ search: target.value });
        }, kPauseMs);
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
  options: readonly Option[];
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

interface UrlFilterProps extends Omit<FilterSelectProps, 'value' | 'onChange'> {
  /** The parameter of the URL. */
  name: string;
  /** What holds while the URL does not say, or says what is no choice. */
  otherwise?: string;
}

/** A choice that lives in the URL. */
export function UrlFilter({ name, otherwise = '', ...props }: UrlFilterProps) {
  const { get, update } = useSearchState();
  const asked = get(name);
  const known = props.options.some(({ value }) => value === asked);
  return (
    <FilterSelect
      {...props}
      value={known ? asked : otherwise}
      onChange={(value) => {
        update({ [name]: value });
      }}
    />
  );
}
