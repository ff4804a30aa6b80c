import { Autocomplete, Box, TextField, ToggleButton, ToggleButtonGroup } from '@mui/material';
import { fieldState } from '@/lib/forms';
import { counted } from '@/lib/units';
import type { TargetDraft, TargetKind } from '../draft/rule-draft';
import type { FormPart } from './part';

const kKinds: { value: TargetKind; label: string }[] = [
  { value: 'device', label: 'A device' },
  { value: 'type', label: 'A type' },
  { value: 'tag', label: 'A tag' },
  { value: 'all', label: 'All' },
];

/** Text that may be chosen from what is known. */
function Pick(props: {
  label: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
  state: ReturnType<typeof fieldState>;
}) {
  return (
    <Autocomplete
      freeSolo
      forcePopupIcon
      options={props.options}
      inputValue={props.value}
      onInputChange={(_, value) => {
        props.onChange(value);
      }}
      renderInput={(parameters) => (
        <TextField {...parameters} label={props.label} {...props.state} />
      )}
    />
  );
}

/** Only texts are tags. */
function tagsOf(view: FormPart['view']): Map<string, Set<string>> {
  const tags = new Map<string, Set<string>>();
  for (const { metadata } of view.all) {
    for (const [name, value] of Object.entries(metadata)) {
      if (typeof value !== 'string') continue;
      tags.set(name, (tags.get(name) ?? new Set()).add(value));
    }
  }
  return tags;
}

/** Which devices the rule watches. */
export function TargetFields({ draft, set, errors, view }: FormPart) {
  const { target } = draft;
  const change = (part: Partial<TargetDraft>) => {
    set({ target: { ...target, ...part } });
  };
  const tags = target.kind === 'tag' ? tagsOf(view) : new Map<string, Set<string>>();
  const reach = `${counted(view.devices.length, 'device')} now, and those that are added later`;

  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <ToggleButtonGroup
        exclusive
        size="small"
        aria-label="Watch"
        value={target.kind}
        onChange={(_, kind: TargetKind | null) => {
          if (kind) change({ kind });
        }}
        sx={{
          justifySelf: { xs: 'stretch', sm: 'start' },
          '& > *': { flex: { xs: 1, sm: 'none' } },
        }}
      >
        {kKinds.map(({ value, label }) => (
          <ToggleButton key={value} value={value}>
            {label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {target.kind === 'device' && (
        <Autocomplete
          options={view.all}
          value={view.all.find(({ id }) => id === target.deviceId) ?? null}
          getOptionLabel={({ name, id }) => `${name} (${id})`}
          getOptionKey={({ id }) => id}
          isOptionEqualToValue={(a, b) => a.id === b.id}
          onChange={(_, chosen) => {
            change({ deviceId: chosen?.id ?? '' });
          }}
          renderInput={(parameters) => (
            <TextField {...parameters} label="Device" {...fieldState(errors, 'device_id')} />
          )}
        />
      )}
      {target.kind === 'type' && (
        <Pick
          label="Device type"
          value={target.deviceType}
          options={view.types}
          onChange={(deviceType) => {
            change({ deviceType });
          }}
          state={fieldState(errors, 'device_type', target.deviceType === '' ? undefined : reach)}
        />
      )}
      {target.kind === 'tag' && (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { sm: '1fr 1fr' } }}>
          <Pick
            label="Detail"
            value={target.tagName}
            options={[...tags.keys()]}
            onChange={(tagName) => {
              change({ tagName });
            }}
            state={fieldState(errors, 'device_tag.name', 'Of the device’s details')}
          />
          <Pick
            label="Is"
            value={target.tagValue}
            options={[...(tags.get(target.tagName) ?? [])]}
            onChange={(tagValue) => {
              change({ tagValue });
            }}
            state={fieldState(
              errors,
              'device_tag.value',
              target.tagName === '' ? undefined : reach,
            )}
          />
        </Box>
      )}
      {target.kind === 'all' && (
        <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
          {reach}. Devices without the field are left alone.
        </Box>
      )}
    </Box>
  );
}
