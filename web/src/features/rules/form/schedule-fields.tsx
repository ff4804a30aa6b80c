import {
  Autocomplete,
  Box,
  Button,
  IconButton,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
} from '@mui/material';
import { Plus, Trash2 } from 'lucide-react';
import type { Weekday } from '@/lib/api/types';
import { fieldState } from '@/lib/forms';
import { describeSchedule, kWeekdayNames, kWeekdays, shortDay } from '@/lib/rule-schedule';
import { nextKey, workingHours, type RuleDraft, type ScheduleDraft } from '../draft/rule-draft';
import { HolidayField } from './holiday-field';
import type { FormPart } from './part';

export const kScheduleErrors = /^schedule/;

export function scheduleWords({ schedule }: RuleDraft): string {
  if (!schedule) return 'Always at work';
  return `At work ${describeSchedule({ ...schedule, time_zone: schedule.timeZone })}`;
}

type Work = 'always' | 'within' | 'outside';

const kSpanInput = {
  inputLabel: { shrink: true },
  htmlInput: { placeholder: '08:00', maxLength: 5 },
};

function Times({
  schedule,
  onChange,
  errors,
}: {
  schedule: ScheduleDraft;
  onChange: (times: ScheduleDraft['times']) => void;
  errors: Record<string, string>;
}) {
  const { times } = schedule;
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      {times.map((span, index) => {
        const at = `schedule.times[${index}]`;
        const edge = (name: 'from' | 'to', label: string) => {
          const error = errors[`${at}.${name}`] ?? errors[at];
          return (
            <TextField
              label={label}
              value={span[name]}
              onChange={(event) => {
                const value = event.target.value;
                onChange(
                  times.map((one) => (one.key === span.key ? { ...one, [name]: value } : one)),
                );
              }}
              slotProps={kSpanInput}
              error={error !== undefined}
              helperText={error}
            />
          );
        };
        return (
          <Box
            key={span.key}
            role="group"
            aria-label={`Time ${index + 1}`}
            sx={{
              display: 'grid',
              gap: 1,
              gridTemplateColumns: '1fr 1fr auto',
              alignItems: 'start',
            }}
          >
            {edge('from', 'From')}
            {edge('to', 'To')}
            <IconButton
              aria-label={`Remove time ${index + 1}`}
              onClick={() => {
                onChange(times.filter(({ key }) => key !== span.key));
              }}
            >
              <Trash2 size={16} />
            </IconButton>
          </Box>
        );
      })}
      <Button
        color="secondary"
        size="small"
        startIcon={<Plus size={15} />}
        sx={{ justifySelf: 'start' }}
        onClick={() => {
          onChange([...times, { key: nextKey(), from: '08:00', to: '18:00' }]);
        }}
      >
        {times.length === 0 ? 'All day; add times' : 'Add times'}
      </Button>
    </Box>
  );
}

/** When the rule is at work. */
export function ScheduleFields({ draft, set, errors }: FormPart) {
  const { schedule } = draft;
  const work: Work = schedule ? (schedule.outside ? 'outside' : 'within') : 'always';
  const change = (part: Partial<ScheduleDraft>) => {
    if (schedule) set({ schedule: { ...schedule, ...part } });
  };
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <ToggleButtonGroup
        exclusive
        size="small"
        aria-label="At work"
        value={work}
        onChange={(_, next: Work | null) => {
          if (next === 'always') set({ schedule: null });
          else if (next)
            set({ schedule: { ...(schedule ?? workingHours()), outside: next === 'outside' } });
        }}
        sx={{ justifySelf: 'start' }}
      >
        <ToggleButton value="always">Always</ToggleButton>
        <ToggleButton value="within">Within</ToggleButton>
        <ToggleButton value="outside">Outside of</ToggleButton>
      </ToggleButtonGroup>
      {schedule && (
        <>
          <Box>
            <ToggleButtonGroup
              size="small"
              aria-label="Days"
              value={schedule.weekdays}
              onChange={(_, weekdays: Weekday[]) => {
                change({ weekdays: kWeekdays.filter((day) => weekdays.includes(day)) });
              }}
              sx={{ display: 'flex', '& > *': { flex: 1, px: '0 !important' } }}
            >
              {kWeekdays.map((day) => (
                <ToggleButton key={day} value={day} aria-label={kWeekdayNames[day]}>
                  {shortDay(day)}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
            {errors['schedule.weekdays'] !== undefined && (
              <Box role="alert" sx={{ color: 'error.main', fontSize: '0.75rem', mt: 0.5 }}>
                Days: {errors['schedule.weekdays']}
              </Box>
            )}
          </Box>
          <Times
            schedule={schedule}
            errors={errors}
            onChange={(times) => {
              change({ times });
            }}
          />
          <Autocomplete
            freeSolo
            forcePopupIcon
            options={Intl.supportedValuesOf('timeZone')}
            inputValue={schedule.timeZone}
            onInputChange={(_, timeZone) => {
              change({ timeZone });
            }}
            renderInput={(parameters) => (
              <TextField
                {...parameters}
                label="Time zone"
                {...fieldState(errors, 'schedule.time_zone')}
              />
            )}
          />
          <HolidayField
            holidays={schedule.holidays}
            error={
              Object.entries(errors).find(([name]) => name.startsWith('schedule.holidays'))?.[1]
            }
            onChange={(holidays) => {
              change({ holidays });
            }}
          />
        </>
      )}
    </Box>
  );
}
