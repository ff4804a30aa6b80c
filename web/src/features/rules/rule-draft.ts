import type { NotificationChannel, Operator, Rule, RuleCreate, Severity } from '@/lib/api/types';
import { clearSide, describeLimit } from '@/lib/conditions';
import { fieldLabel } from '@/lib/fields';
import { parseNumber } from '@/lib/forms';
import { formatPlain } from '@/lib/units';

/** A rule as typed: numbers are text until they are sent. */
export interface RuleDraft {
  name: string;
  description: string;
  deviceId: string;
  property: string;
  operator: Operator;
  threshold: string;
  clearThreshold: string;
  severity: Severity;
  cooldown: string;
  channels: NotificationChannel[];
}

export const kEmptyRule: RuleDraft = {
  name: '',
  description: '',
  deviceId: '',
  property: '',
  operator: '>',
  threshold: '',
  clearThreshold: '',
  severity: 'medium',
  cooldown: '15',
  channels: [],
};

export function draftOfRule(rule: Rule): RuleDraft {
  return {
    name: rule.name,
    description: rule.description ?? '',
    deviceId: rule.device_id ?? '',
    property: rule.property,
    operator: rule.operator,
    threshold: String(rule.threshold),
    clearThreshold: rule.clear_threshold === null ? '' : String(rule.clear_threshold),
    severity: rule.severity,
    cooldown: String(rule.cooldown_minutes),
    channels: rule.notification_channels,
  };
}

/** What a rule watches, in words. */
export function watchedBy(rule: Rule, names: ReadonlyMap<string, string>): string {
  if (rule.device_id !== null) return names.get(rule.device_id) ?? rule.device_id;
  if (rule.device_type !== null) return `every ${rule.device_type}`;
  if (rule.device_tag !== null) return `${rule.device_tag.name} = ${rule.device_tag.value}`;
  return 'all devices';
}

/** What is missing or wrong, by the names of the API's fields, so that the server's words can be shown alike. */
export function checkRule(draft: RuleDraft): Record<string, string> {
  const errors: Record<string, string> = {};
  const threshold = parseNumber(draft.threshold);
  const clear = parseNumber(draft.clearThreshold);
  const cooldown = parseNumber(draft.cooldown);
  const side = clearSide(draft.operator);
  if (draft.name.trim() === '') errors.name = 'Give the rule a name.';
  if (draft.deviceId === '') errors.device_id = 'Choose a device.';
  if (draft.property === '') errors.property = 'Choose a field.';
  if (threshold === null) errors.threshold = 'Enter a number.';
  if (draft.clearThreshold.trim() !== '' && side !== null) {
    if (clear === null) errors.clear_threshold = 'Enter a number, or nothing.';
    else if (threshold !== null && (side === 'below' ? clear > threshold : clear < threshold)) {
      errors.clear_threshold = `Must not be ${side === 'below' ? 'above' : 'below'} the threshold.`;
    }
  }
  if (cooldown === null || cooldown < 0 || !Number.isInteger(cooldown)) {
    errors.cooldown_minutes = 'Enter whole minutes, 0 or more.';
  }
  return errors;
}

/** Only for drafts that pass checkRule. */
export function ruleOf(draft: RuleDraft): RuleCreate {
  return {
    name: draft.name.trim(),
    description: draft.description.trim() === '' ? null : draft.description.trim(),
    device_id: draft.deviceId,
    property: draft.property,
    operator: draft.operator,
    threshold: parseNumber(draft.threshold) ?? 0,
    clear_threshold: clearSide(draft.operator) === null ? null : parseNumber(draft.clearThreshold),
    severity: draft.severity,
    notification_channels: draft.channels,
    cooldown_minutes: parseNumber(draft.cooldown) ?? 0,
  };
}

/** The rule in one or two sentences, with gaps where something is not typed yet; null before anything is. */
export function summarize(draft: RuleDraft, device: string, unit: string): string | null {
  const threshold = parseNumber(draft.threshold);
  const clear = parseNumber(draft.clearThreshold);
  const side = clearSide(draft.operator);
  if (draft.deviceId === '' && draft.property === '' && threshold === null) return null;
  const field = draft.property === '' ? '…' : fieldLabel(draft.property).toLowerCase();
  const limit = threshold === null ? '…' : describeLimit(draft.operator, threshold, unit);
  const raise = `Raises a ${draft.severity} alert while ${field} of ${device || '…'} is ${limit}.`;
  if (clear === null || side === null) return raise;
  return `${raise} It clears once ${field} is back ${side} ${formatPlain(clear, unit)}.`;
}
