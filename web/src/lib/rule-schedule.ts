import type { RuleSchedule, Weekday } from './api/types';
import { counted } from './units';

export const kWeekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export const kWeekdayNames: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

export const shortDay = (day: Weekday) => kWeekdayNames[day].slice(0, 3);

/** `Mon–Fri`, `Mon, Wed, Fri`; runs of three and more are told by their ends. */
function describeDays(days: readonly Weekday[]): string {
  const runs: Weekday[][] = [];
  for (const day of kWeekdays.filter((one) => days.includes(one))) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before && kWeekdays.indexOf(before) === kWeekdays.indexOf(day) - 1) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => {
      const [first, last] = [run[0], run.at(-1)];
      if (!first || !last) return '';
      return run.length > 2
        ? `${shortDay(first)}–${shortDay(last)}`
        : run.map((day) => shortDay(day)).join(', ');
    })
    .join(', ');
}

/** `Mon–Fri, 08:00–18:00 (Europe/Berlin), except 2 holidays`. */
export function describeSchedule(schedule: RuleSchedule): string {
  const { weekdays, times, holidays, time_zone: zone, outside } = schedule;
  const everyDay = weekdays.length === kWeekdays.length;
  const days = everyDay && times.length > 0 ? 'daily' : describeDays(weekdays) || '…';
  const spans = times.map(({ from, to }) => `${from || '…'}–${to || '…'}`).join(' and ');
  const when = [everyDay && times.length === 0 ? 'every day' : days, spans].filter(Boolean);
  const except = holidays.length > 0 ? `, except ${counted(holidays.length, 'holiday')}` : '';
  return `${outside ? 'outside ' : ''}${when.join(', ')} (${zone || '…'})${except}`;
}
