import type { RuleCondition, RuleCreate, RuleLevel } from '@/lib/api/types';
import { clearSide } from '@/lib/conditions';
import { secondsOf, type DurationText } from '@/lib/duration';
import { parseNumber } from '@/lib/forms';
import type { ConditionDraft, LevelDraft, RuleDraft, TargetDraft } from './rule-draft';

/** Whether a condition of this draft can have a limit of its own to clear. */
export function canClear({ kind, operator }: ConditionDraft): boolean {
  return kind !== 'no_data' && clearSide(operator) !== null;
}

const hasWindow = ({ kind }: ConditionDraft) => kind === 'aggregate' || kind === 'change';

export const limitOf = (limit: { threshold: string; silence: DurationText }, silence: boolean) =>
  silence ? secondsOf(limit.silence) : parseNumber(limit.threshold);

function checkTarget(target: TargetDraft, errors: Record<string, string>) {
  if (target.kind === 'device' && target.deviceId === '') errors.device_id = 'Choose a device.';
  if (target.kind === 'type' && target.deviceType.trim() === '') {
    errors.device_type = 'Choose a type.';
  }
  if (target.kind === 'tag' && target.tagName.trim() === '') {
    errors['device_tag.name'] = 'Name the detail.';
  }
}

function checkCondition(condition: ConditionDraft, at: string, errors: Record<string, string>) {
  if (condition.property.trim() === '') errors[`${at}.property`] = 'Choose a field.';
  if (limitOf(condition, condition.kind === 'no_data') === null) {
    errors[`${at}.threshold`] = 'Enter a number.';
  }
  if (canClear(condition) && condition.clear.trim() !== '' && !isNumber(condition.clear)) {
    errors[`${at}.clear_threshold`] = 'Enter a number, or nothing.';
  }
  if (hasWindow(condition) && secondsOf(condition.window) === null) {
    errors[`${at}.window_s`] = 'Enter a number.';
  }
}

const isNumber = (text: string) => parseNumber(text) !== null;

/**
 * What cannot be sent because it is missing or no number, by the API's names. Everything else is for the server to
 * judge.
 */
export function checkRule(draft: RuleDraft): Record<string, string> {
  const errors: Record<string, string> = {};
  checkTarget(draft.target, errors);
  draft.conditions.forEach((condition, index) => {
    checkCondition(condition, `conditions[${index}]`, errors);
  });
  const silence = draft.conditions[0]?.kind === 'no_data';
  draft.levels.forEach((level, index) => {
    if (limitOf(level, silence) === null) errors[`levels[${index}].threshold`] = 'Enter a number.';
  });
  if (secondsOf(draft.hold) === null) errors.for_s = 'Enter a number, or nothing.';
  if (secondsOf(draft.clearHold) === null) errors.clear_for_s = 'Enter a number, or nothing.';
  const cooldown = parseNumber(draft.cooldown);
  if (cooldown === null || !Number.isInteger(cooldown)) {
    errors.cooldown_minutes = 'Enter whole minutes, 0 or more.';
  }
  return errors;
}

function targetOf(target: TargetDraft): Partial<RuleCreate> {
  switch (target.kind) {
    case 'device':
      return { device_id: target.deviceId };
    case 'type':
      return { device_type: target.deviceType.trim() };
    case 'tag':
      return { device_tag: { name: target.tagName.trim(), value: target.tagValue.trim() } };
    case 'all':
      return { all_devices: true };
  }
}

function conditionOf(condition: ConditionDraft): RuleCondition {
  const silence = condition.kind === 'no_data';
  return {
    kind: condition.kind,
    property: condition.property.trim(),
    operator: silence ? '>=' : condition.operator,
    threshold: limitOf(condition, silence) ?? 0,
    clear_threshold: canClear(condition) ? parseNumber(condition.clear) : null,
    ...(condition.kind === 'aggregate' ? { aggregate: condition.aggregate } : {}),
    ...(hasWindow(condition) ? { window_s: secondsOf(condition.window) ?? 0 } : {}),
  };
}

const levelOf = (level: LevelDraft, silence: boolean): RuleLevel => ({
  severity: level.severity,
  threshold: limitOf(level, silence) ?? 0,
});

/** Only for drafts that pass checkRule. `name`: where none is typed. */
export function ruleOf(draft: RuleDraft, name: string): RuleCreate {
  const silence = draft.conditions[0]?.kind === 'no_data';
  const { schedule } = draft;
  return {
    name: draft.name.trim() === '' ? name : draft.name.trim(),
    description: draft.description.trim() === '' ? null : draft.description.trim(),
    ...targetOf(draft.target),
    conditions: draft.conditions.map(conditionOf),
    join: draft.join,
    levels: draft.levels.map((level) => levelOf(level, silence)),
    for_s: secondsOf(draft.hold) ?? 0,
    clear_for_s: secondsOf(draft.clearHold) ?? 0,
    schedule: schedule && {
      time_zone: schedule.timeZone,
      weekdays: schedule.weekdays,
      times: schedule.times.map(({ from, to }) => ({ from, to })),
      holidays: schedule.holidays,
      outside: schedule.outside,
    },
    auto_resolve: draft.autoResolve,
    severity: draft.severity,
    notification_channels: draft.channels,
    cooldown_minutes: parseNumber(draft.cooldown) ?? 0,
  };
}

const kOfFirst = new Set(['property', 'operator', 'threshold', 'clear_threshold']);

/** The server names the only condition of a plain rule without its place. */
export function placeErrors(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, text]) => [
      kOfFirst.has(field) ? `conditions[0].${field}` : field,
      text,
    ]),
  );
}
