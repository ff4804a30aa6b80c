import { Box, Button, Checkbox, ListItemText, ListSubheader, Menu, MenuItem } from '@mui/material';
import { ChevronDown, Download, X } from 'lucide-react';
import { useState } from 'react';
import { FilterSelect } from '@/components/ui/filters';
import { fileName, useDownload } from '@/lib/api/download';
import { telemetryFile, type FileFormat } from '@/lib/api/telemetry';
import type { Aggregate } from '@/lib/api/types';
import type { FieldInfo } from '@/lib/fields';
import type { TimeRange } from '@/lib/time-range';
import { formatBytes } from '@/lib/units';
import { kAggregates, windowsFor, type ChartSettings } from './chart-settings';

interface FieldMenuProps {
  fields: readonly FieldInfo[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

function FieldMenu({ fields, chosen, onChange }: FieldMenuProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  // While the menu is open: the page follows a click late, and the next click must not undo it.
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const current = picked ?? chosen;
  const shown = fields.filter(({ name }) => current.length === 0 || current.includes(name));
  function toggle(name: string) {
    const names = shown.map((field) => field.name);
    const next = names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
    // None or all is all: a chart of nothing helps nobody.
    const fewer = next.length === fields.length ? [] : next;
    setPicked(fewer);
    onChange(fewer);
  }
  return (
    <>
      <Button
        variant="outlined"
        color="secondary"
        endIcon={<ChevronDown size={15} />}
        aria-haspopup="menu"
        onClick={(event) => {
          setPicked(null);
          setAnchor(event.currentTarget);
        }}
      >
        {shown.length === fields.length
          ? 'All fields'
          : `${shown.length} of ${fields.length} fields`}
      </Button>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
          setPicked(null);
        }}
        slotProps={{ paper: { sx: { maxHeight: 420, minWidth: 200 } } }}
      >
        {fields.map((field) => {
          const checked = shown.includes(field);
          return (
            <MenuItem
              key={field.name}
              role="menuitemcheckbox"
              aria-checked={checked}
              onClick={() => {
                toggle(field.name);
              }}
              sx={{ py: 0 }}
            >
              <Checkbox size="small" edge="start" tabIndex={-1} checked={checked} />
              <Box
                aria-hidden
                sx={{
                  width: 8,
                  height: 8,
                  mr: 1,
                  borderRadius: 0.25,
                  bgcolor: `series.s${field.slot}`,
                }}
              />
              <ListItemText disableTypography primary={field.label} />
            </MenuItem>
          );
        })}
      </Menu>
    </>
  );
}

const kFormats: readonly { format: FileFormat; label: string; extension: string }[] = [
  { format: 'csv', label: 'CSV', extension: 'csv' },
  { format: 'arrow', label: 'Arrow IPC stream', extension: 'arrows' },
  { format: 'json', label: 'JSON', extension: 'json' },
];

interface ExportProps {
  deviceId: string;
  range: TimeRange;
  settings: ChartSettings;
}

/** Saves what is shown: every reading of the range, not the thinned-out ones, or its windows. */
function ExportMenu({ deviceId, range, settings }: ExportProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { bytes, start, cancel } = useDownload();
  const { fields, by } = settings;
  if (bytes !== null) {
    return (
      <Button
        variant="outlined"
        color="secondary"
        startIcon={<X size={15} />}
        onClick={cancel}
        className="numeric"
      >
        Cancel · {formatBytes(bytes)}
      </Button>
    );
  }
  return (
    <>
      <Button
        variant="outlined"
        color="secondary"
        startIcon={<Download size={15} />}
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        Export
      </Button>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
      >
        <ListSubheader role="presentation" sx={{ lineHeight: 2.2, fontSize: '0.76rem' }}>
          {by ? 'The windows of this range' : 'All readings of this range'}
        </ListSubheader>
        {kFormats.map(({ format, label, extension }) => (
          <MenuItem
            key={format}
            onClick={() => {
              setAnchor(null);
              const selected = fields.length > 0 ? [...fields] : undefined;
              const name = fileName(deviceId, new Date().toISOString().slice(0, 19));
              void start(
                telemetryFile(deviceId, range, selected, by, format),
                `${name}.${extension}`,
              );
            }}
          >
            {label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

interface ChartToolbarProps extends ExportProps {
  fields: readonly FieldInfo[];
  onSettings: (change: Partial<ChartSettings>) => void;
}

/** Which fields the charts show, whether condensed to windows, and the way out of the page for the data. */
export function ChartToolbar(props: ChartToolbarProps) {
  const { fields, range, settings, onSettings } = props;
  const spanMs = range.kind === 'fixed' ? range.end - range.start : range.spanMs;
  const { by } = settings;
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        gap: 1,
        px: { xs: 2, sm: 2.5 },
        pb: 1.5,
        '& .MuiInputBase-root': { minHeight: 36, height: 36, fontSize: '0.8438rem' },
      }}
    >
      <FieldMenu
        fields={fields}
        chosen={settings.fields}
        onChange={(chosen) => {
          onSettings({ fields: chosen });
        }}
      />
      <FilterSelect
        label="Show"
        any="Readings"
        value={by?.aggregate ?? ''}
        options={kAggregates}
        onChange={(value) => {
          const aggregate = value as Aggregate | '';
          // An empty window is none that fits: the one for the range is taken.
          onSettings({ by: aggregate === '' ? null : { aggregate, window: by?.window ?? '' } });
        }}
      />
      {by && (
        <FilterSelect
          label="Window"
          value={by.window}
          options={windowsFor(spanMs).map(({ value, label }) => ({
            value,
            label: `every ${label}`,
          }))}
          onChange={(window) => {
            onSettings({ by: { ...by, window } });
          }}
        />
      )}
      <Box sx={{ flex: 1, display: { xs: 'none', sm: 'block' } }} />
      <ExportMenu deviceId={props.deviceId} range={range} settings={settings} />
    </Box>
  );
}
