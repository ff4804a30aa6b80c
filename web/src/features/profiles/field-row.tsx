import { Box, Checkbox, FormControlLabel, IconButton, TextField, Tooltip } from '@mui/material';
import { Trash2 } from 'lucide-react';
import { fieldState } from '@/lib/forms';
import type { FieldDraft } from './profile-draft';

interface FieldRowProps {
  field: FieldDraft;
  /** 1 for the first. */
  position: number;
  autoFocus: boolean;
  errors: Record<string, string>;
  onChange: (field: FieldDraft) => void;
  /** A person has left this input. */
  onLeave: (path: string) => void;
  onRemove: () => void;
}

const kInputs = [
  { name: 'name', label: 'Name', numeric: false, columns: { xs: 'span 6', md: 'span 5' } },
  { name: 'unit', label: 'Unit', numeric: false, columns: { xs: 'span 4', md: 'span 3' } },
  { name: 'min', label: 'Min', numeric: true, columns: { xs: 'span 6', md: 'span 3' } },
  { name: 'max', label: 'Max', numeric: true, columns: { xs: 'span 6', md: 'span 3' } },
  {
    name: 'nominal_min',
    label: 'Nominal min',
    numeric: true,
    columns: { xs: 'span 6', md: 'span 4' },
  },
  {
    name: 'nominal_max',
    label: 'Nominal max',
    numeric: true,
    columns: { xs: 'span 6', md: 'span 4' },
  },
] as const;

/** One field of a profile: its name, unit and ranges. */
export function FieldRow(props: FieldRowProps) {
  const { field, position, errors, onChange, onLeave } = props;
  const named = field.name === '' ? `field ${position}` : field.name;
  return (
    <Box
      role="group"
      aria-label={`Field ${position}`}
      data-testid="profile-field"
      sx={{
        display: 'grid',
        alignItems: 'start',
        columnGap: 1,
        rowGap: 1.5,
        gridTemplateColumns: {
          xs: 'repeat(12, minmax(0, 1fr))',
          md: 'repeat(22, minmax(0, 1fr)) 84px 36px',
        },
        py: 2,
        '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' },
      }}
    >
      {kInputs.map(({ name, label, numeric, columns }, index) => (
        <TextField
          key={name}
          label={label}
          value={field[name]}
          autoFocus={props.autoFocus && index === 0}
          onChange={(event) => {
            onChange({ ...field, [name]: event.target.value });
          }}
          onBlur={() => {
            onLeave(`${field.key}.${name}`);
            // What is wrong with a range is said of its lower end.
            if (name.endsWith('max')) onLeave(`${field.key}.${name.replace('max', 'min')}`);
          }}
          sx={{ gridColumn: columns, order: { xs: index > 1 ? 1 : 0, md: 0 } }}
          slotProps={{ htmlInput: { spellCheck: false, inputMode: numeric ? 'decimal' : 'text' } }}
          {...fieldState(errors, `${field.key}.${name}`)}
        />
      ))}
      <Tooltip title="Readings without this field are rejected">
        <FormControlLabel
          label="Required"
          sx={{
            order: { xs: 2, md: 0 },
            gridColumn: { xs: 'span 12', md: 'auto' },
            mr: 0,
            '& .MuiTypography-root': { fontSize: '0.8125rem' },
          }}
          control={
            <Checkbox
              size="small"
              checked={field.required}
              onChange={(_, required) => {
                onChange({ ...field, required });
              }}
            />
          }
        />
      </Tooltip>
      <IconButton
        aria-label={`Remove ${named}`}
        onClick={props.onRemove}
        sx={{ order: 0, gridColumn: { xs: 'span 2', md: 'auto' }, justifySelf: 'end' }}
      >
        <Trash2 size={16} />
      </IconButton>
    </Box>
  );
}
