import {
  Box,
  Button,
  Popover,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
  Tooltip,
} from '@mui/material';
import { CalendarRange, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { fromLocalInput, toLocalInput, zoneName } from '@/lib/time';
import {
  describeRange,
  kPresets,
  recentRange,
  type PresetKey,
  type TimeRange,
} from '@/lib/time-range';

interface RangePickerProps {
  range: TimeRange;
  /** What is shown now: where a pause stops, where a custom range starts from. */
  view: { start: number; end: number };
  onChange: (range: TimeRange) => void;
}

function CustomRange({ view, onChange }: Omit<RangePickerProps, 'range'>) {
  const [from, setFrom] = useState(toLocalInput(view.start));
  const [to, setTo] = useState(toLocalInput(view.end));
  const start = fromLocalInput(from);
  const end = fromLocalInput(to);
  const valid = start !== null && end !== null && start < end;
  return (
    <Box sx={{ display: 'grid', gap: 2, p: 2, width: 280 }}>
      <TextField
        type="datetime-local"
        label="From"
        value={from}
        onChange={(event) => {
          setFrom(event.target.value);
        }}
        slotProps={{ inputLabel: { shrink: true } }}
      />
      <TextField
        type="datetime-local"
        label="To"
        value={to}
        error={!valid}
        helperText={valid ? `Times in ${zoneName()}` : 'Must be later than the start'}
        onChange={(event) => {
          setTo(event.target.value);
        }}
        slotProps={{ inputLabel: { shrink: true } }}
      />
      <Button
        variant="contained"
        disabled={!valid}
        onClick={() => {
          if (start !== null && end !== null) onChange({ kind: 'fixed', start, end });
        }}
      >
        Show
      </Button>
    </Box>
  );
}

export function RangePicker({ range, view, onChange }: RangePickerProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [lastPreset, setLastPreset] = useState<PresetKey>('15m');
  const preset = range.kind === 'recent' ? range.preset : null;
  const live = preset !== null;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, minWidth: 0 }}>
      <Box sx={{ overflowX: 'auto', maxWidth: '100%' }}>
        <ToggleButtonGroup
          exclusive
          value={preset ?? 'custom'}
          aria-label="Time range"
          onChange={(_, key: PresetKey | null) => {
            if (!key) return;
            setLastPreset(key);
            onChange(recentRange(key));
          }}
        >
          {kPresets.map(({ key, label }) => (
            <ToggleButton
              key={key}
              value={key}
              sx={{ px: { xs: 0.8, sm: 1.25 }, fontSize: { xs: '0.78rem', sm: '0.8438rem' } }}
            >
              {label}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </Box>
      <Button
        variant="outlined"
        color={live ? 'secondary' : 'primary'}
        size="small"
        startIcon={<CalendarRange size={15} />}
        aria-haspopup="dialog"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        {live ? 'Custom' : describeRange(range)}
      </Button>
      <Tooltip title={live ? 'Hold the charts still' : 'Follow new readings again'}>
        <Button
          variant="outlined"
          color="secondary"
          size="small"
          startIcon={live ? <Pause size={15} /> : <Play size={15} />}
          onClick={() => {
            if (preset !== null) setLastPreset(preset);
            onChange(live ? { kind: 'fixed', ...view } : recentRange(lastPreset));
          }}
        >
          {live ? 'Pause' : 'Go live'}
        </Button>
      </Tooltip>
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => {
          setAnchor(null);
        }}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
      >
        <CustomRange
          view={view}
          onChange={(next) => {
            setAnchor(null);
            if (preset !== null) setLastPreset(preset);
            onChange(next);
          }}
        />
      </Popover>
    </Box>
  );
}
