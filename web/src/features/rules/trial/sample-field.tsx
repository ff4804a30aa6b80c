import { Autocomplete, TextField } from '@mui/material';
import { Panel } from '@/components/ui/panel';
import type { Device } from '@/lib/api/types';

interface SampleFieldProps {
  devices: readonly Device[];
  value: string;
  onChange: (id: string) => void;
}

/** Which of many watched devices the rule is tried on. */
export function SampleField({ devices, value, onChange }: SampleFieldProps) {
  return (
    <Panel>
      <Autocomplete
        options={devices}
        disableClearable={value !== ''}
        value={devices.find(({ id }) => id === value) ?? null}
        getOptionLabel={({ name, id }) => `${name} (${id})`}
        getOptionKey={({ id }) => id}
        isOptionEqualToValue={(a, b) => a.id === b.id}
        noOptionsText="The rule watches no device yet"
        onChange={(_, chosen) => {
          onChange(chosen?.id ?? '');
        }}
        renderInput={(parameters) => (
          <TextField
            {...parameters}
            label="Try it on"
            helperText="One of the devices that the rule watches"
          />
        )}
      />
    </Panel>
  );
}
