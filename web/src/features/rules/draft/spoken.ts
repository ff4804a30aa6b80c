import type { Rule } from '@/lib/api/types';
import { secondsOf } from '@/lib/duration';
import { parseNumber } from '@/lib/forms';
import { plainText, whenPieces, type SpokenRule, type UnitOf } from '@/lib/rule-sentence';
import type { ConditionDraft, RuleDraft } from './rule-draft';
import { canClear, limitOf } from './rule-request';

interface Target {
  device: string | null;
  type: string | null;
  tag: { name: string; value: string } | null;
  all: boolean;
}

/** `Office Bulb`, `any bulb`, `any device with site = north`; empty where nothing is chosen. */
export function targetWords({ device, type, tag, all }: Target): string {
  if (all) return 'any device';
  if (tag) return tag.name === '' ? '' : `any device with ${tag.name} = ${tag.value || '…'}`;
  if (type !== null) return type === '' ? '' : `any ${type}`;
  return device ?? '';
}

/** `nameOf`: the name of a device. */
export function ruleTarget(rule: Rule, nameOf: (id: string) => string): string {
  return targetWords({
    device: rule.device_id === null ? null : nameOf(rule.device_id),
    type: rule.device_type,
    tag: rule.device_tag,
    all: rule.all_devices,
  });
}

export function spokenRule(rule: Rule, nameOf: (id: string) => string): SpokenRule {
  return {
    target: ruleTarget(rule, nameOf),
    conditions: rule.conditions.map((condition) => ({
      ...condition,
      clear: condition.clear_threshold,
      aggregate: condition.aggregate ?? 'mean',
      windowS: condition.window_s ?? null,
    })),
    join: rule.join,
    levels: rule.levels,
    forS: rule.for_s,
    clearForS: rule.clear_for_s,
    severity: rule.severity,
    schedule: rule.schedule,
    autoResolve: rule.auto_resolve,
  };
}

export function draftTarget(draft: RuleDraft, nameOf: (id: string) => string): string {
  const { kind, deviceId, deviceType, tagName, tagValue } = draft.target;
  return targetWords({
    device: deviceId === '' ? null : nameOf(deviceId),
    type: kind === 'type' ? deviceType.trim() : null,
    tag: kind === 'tag' ? { name: tagName.trim(), value: tagValue.trim() } : null,
    all: kind === 'all',
  });
}

const windowOf = ({ window }: ConditionDraft) =>
  window.amount.trim() === '' ? null : secondsOf(window);

export function spokenDraft(draft: RuleDraft, nameOf: (id: string) => string): SpokenRule {
  const silence = draft.conditions[0]?.kind === 'no_data';
  const { schedule } = draft;
  return {
    target: draftTarget(draft, nameOf),
    conditions: draft.conditions.map((condition) => ({
      ...condition,
      threshold: limitOf(condition, condition.kind === 'no_data'),
      clear: canClear(condition) ? parseNumber(condition.clear) : null,
      windowS: windowOf(condition),
    })),
    join: draft.join,
    levels: draft.levels.map((level) => ({
      severity: level.severity,
      threshold: limitOf(level, silence),
    })),
    forS: secondsOf(draft.hold) ?? 0,
    clearForS: secondsOf(draft.clearHold) ?? 0,
    severity: draft.severity,
    schedule: schedule && { ...schedule, time_zone: schedule.timeZone },
    autoResolve: draft.autoResolve,
  };
}

const kLongestName = 255;

/** The name of a rule that nobody named: what it watches for. */
export function suggestName(spoken: SpokenRule, unitOf: UnitOf): string {
  const text = plainText(whenPieces(spoken, unitOf)).replace(/^When,? (on )?/, '');
  const name = text.charAt(0).toUpperCase() + text.slice(1).replaceAll('\u00a0', ' ');
  return name.slice(0, kLongestName);
}

/** Whether anything was chosen of what the sentence is about. */
export function isBlank({ target, conditions }: SpokenRule): boolean {
  return target === '' && conditions.every((one) => one.property === '' && one.threshold === null);
}
