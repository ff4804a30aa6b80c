import { Box, Button, Chip, TextField } from '@mui/material';
import { useState } from 'react';

interface HolidayFieldProps {
  holidays: readonly string[];
  error?: string;
  onChange: (holidays: string[]) => void;
}

/** Days on which a schedule does not count. */
export function HolidayField({ holidays, error, onChange }: HolidayFieldProps) {
  const [date, setDate] = useState('');
  const add = () => {
    if (date !== '') onChange([...new Set([...holidays, date])].sort());
    setDate('');
  };
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
        <TextField
          label="Except on"
          type="date"
          value={date}
          error={error !== undefined}
          helperText={error ?? 'Holidays, as dates of that time zone'}
          onChange={(event) => {
            setDate(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
          slotProps={{ inputLabel: { shrink: true } }}
          sx={{ flex: 1, maxWidth: 320 }}
        />
        <Button variant="outlined" color="secondary" disabled={date === ''} onClick={add}>
          Add
        </Button>
      </Box>
      {holidays.length > 0 && (
        <Box
          sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, maxHeight: 160, overflow: 'auto' }}
        >
          {holidays.map((day) => (
            <Chip
              key={day}
              size="small"
              label={day}
              sx={{ bgcolor: 'sunken' }}
              onDelete={() => {
                onChange(holidays.filter((other) => other !== day));
              }}
            />
          ))}
        </Box>
      )}
    </Box>
  );
}
