import type {
  ConditionKind,
  NotificationChannel,
  Operator,
  Rule,
  RuleAggregate,
  RuleCondition,
  RuleJoin,
  RuleLevel,
  RuleSchedule,
  Severity,
  Weekday,
} from '@/lib/api/types';
import { durationText, kNoDuration, type DurationText } from '@/lib/duration';
import { kWeekdays } from '@/lib/rule-schedule';
import { zoneName } from '@/lib/time';

export type TargetKind = 'device' | 'type' | 'tag' | 'all';

/** What is watched. The choices that are not `kind`'s are kept, should one change one's mind. */
export interface TargetDraft {
  kind: TargetKind;
  deviceId: string;
  deviceType: string;
  tagName: string;
  tagValue: string;
}

export interface ConditionDraft {
  /** Stays while others are added and removed. */
  key: number;
  kind: ConditionKind;
  property: string;
  operator: Operator;
  threshold: string;
  clear: string;
  aggregate: RuleAggregate;
  window: DurationText;
  /** The limit of no_data. */
  silence: DurationText;
}

export interface LevelDraft {
  key: number;
  severity: Severity;
  threshold: string;
  /** The limit where the first condition is no_data. */
  silence: DurationText;
}

export interface ScheduleDraft {
  timeZone: string;
  weekdays: Weekday[];
  times: { key: number; from: string; to: string }[];
  holidays: string[];
  outside: boolean;
}

/** A rule as typed: numbers are text until they are sent. */
export interface RuleDraft {
  /** Empty: the name that suggestName gives. */
  name: string;
  description: string;
  target: TargetDraft;
  conditions: ConditionDraft[];
  join: RuleJoin;
  levels: LevelDraft[];
  hold: DurationText;
  clearHold: DurationText;
  schedule: ScheduleDraft | null;
  autoResolve: boolean;
  severity: Severity;
  cooldown: string;
  channels: NotificationChannel[];
}

let lastKey = 0;

export function nextKey(): number {
  lastKey += 1;
  return lastKey;
}

export function emptyCondition(): ConditionDraft {
  return {
    key: nextKey(),
    kind: 'threshold',
    property: '',
    operator: '>',
    threshold: '',
    clear: '',
    aggregate: 'mean',
    window: { amount: '5', unit: 'min' },
    silence: { amount: '5', unit: 'min' },
  };
}

export function workingHours(): ScheduleDraft {
  return {
    timeZone: zoneName(),
    weekdays: kWeekdays.slice(0, 5),
    times: [{ key: nextKey(), from: '08:00', to: '18:00' }],
    holidays: [],
    outside: false,
  };
}

/** `known`: what the link to the form already says. */
export function emptyRule(known: { deviceId?: string; property?: string } = {}): RuleDraft {
  return {
    name: '',
    description: '',
    target: {
      kind: 'device',
      deviceId: known.deviceId ?? '',
      deviceType: '',
      tagName: '',
      tagValue: '',
    },
    conditions: [{ ...emptyCondition(), property: known.property ?? '' }],
    join: 'all',
    levels: [],
    hold: kNoDuration,
    clearHold: kNoDuration,
    schedule: null,
    autoResolve: true,
    severity: 'medium',
    cooldown: '15',
    channels: [],
  };
}

function draftOfTarget(rule: Rule): TargetDraft {
  const { device_id: id, device_type: type, device_tag: tag, all_devices: all } = rule;
  return {
    kind: all ? 'all' : tag ? 'tag' : type ? 'type' : 'device',
    deviceId: id ?? '',
    deviceType: type ?? '',
    tagName: tag?.name ?? '',
    tagValue: tag?.value ?? '',
  };
}

function draftOfCondition(condition: RuleCondition): ConditionDraft {
  const { kind, property, operator, threshold, clear_threshold: clear } = condition;
  const empty = emptyCondition();
  return {
    ...empty,
    ...{ kind, property, operator },
    threshold: kind === 'no_data' ? '' : String(threshold),
    clear: clear === null ? '' : String(clear),
    aggregate: condition.aggregate ?? 'mean',
    window: condition.window_s ? durationText(condition.window_s) : empty.window,
    silence: kind === 'no_data' ? durationText(threshold) : empty.silence,
  };
}

function draftOfLevel({ severity, threshold }: RuleLevel, silence: boolean): LevelDraft {
  return {
    key: nextKey(),
    severity,
    threshold: silence ? '' : String(threshold),
    silence: silence ? durationText(threshold) : kNoDuration,
  };
}

function draftOfSchedule(schedule: RuleSchedule): ScheduleDraft {
  return {
    timeZone: schedule.time_zone,
    weekdays: schedule.weekdays,
    times: schedule.times.map((span) => ({ key: nextKey(), ...span })),
    holidays: schedule.holidays,
    outside: schedule.outside,
  };
}

export function draftOfRule(rule: Rule): RuleDraft {
  const silence = rule.conditions[0]?.kind === 'no_data';
  return {
    name: rule.name,
    description: rule.description ?? '',
    target: draftOfTarget(rule),
    conditions: rule.conditions.map(draftOfCondition),
    join: rule.join,
    levels: rule.levels.map((level) => draftOfLevel(level, silence)),
    hold: durationText(rule.for_s),
    clearHold: durationText(rule.clear_for_s),
    schedule: rule.schedule && draftOfSchedule(rule.schedule),
    autoResolve: rule.auto_resolve,
    severity: rule.severity,
    cooldown: String(rule.cooldown_minutes),
    channels: rule.notification_channels,
  };
}
