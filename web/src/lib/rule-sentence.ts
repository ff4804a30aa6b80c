import type {
  ConditionKind,
  Operator,
  RuleAggregate,
  RuleJoin,
  RuleSchedule,
  Severity,
} from './api/types';
import { clearSide, kOperatorWords } from './conditions';
import { fieldLabel } from './fields';
import { describeSchedule } from './rule-schedule';
import { formatDuration, kSecond } from './time';
import { formatPlain } from './units';

/** A part of a sentence; what the rule is about is strong. */
export type Piece = string | { strong: string };

/** A condition to be put into words; null and empty where nothing is typed yet. */
export interface SpokenCondition {
  kind: ConditionKind;
  property: string;
  operator: Operator;
  /** Of no_data seconds. */
  threshold: number | null;
  clear: number | null;
  aggregate: RuleAggregate;
  windowS: number | null;
}

export interface SpokenRule {
  /** `Office Bulb`, `any bulb`; see targetWords. */
  target: string;
  conditions: readonly SpokenCondition[];
  join: RuleJoin;
  levels: readonly { severity: Severity; threshold: number | null }[];
  forS: number;
  clearForS: number;
  severity: Severity;
  schedule: RuleSchedule | null;
  autoResolve: boolean;
}

export type UnitOf = (property: string) => string;

const kGap = '…';
const kAggregateWords: Record<RuleAggregate, string> = {
  mean: 'the mean of',
  min: 'the lowest',
  max: 'the highest',
  sum: 'the sum of',
  count: 'the number of readings of',
  spread: 'the spread of',
};

const strong = (text: string): Piece => ({ strong: text === '' ? kGap : text });
const duration = (seconds: number | null) =>
  seconds === null ? kGap : formatDuration(seconds * kSecond, 4);
const fieldWords = (name: string) => fieldLabel(name).toLowerCase();

/** Numbers of readings have no unit, times are told as such. */
function amount(condition: SpokenCondition, value: number | null, unitOf: UnitOf): string {
  if (value === null) return kGap;
  if (condition.kind === 'no_data') return duration(value);
  const counts = condition.kind === 'aggregate' && condition.aggregate === 'count';
  return formatPlain(value, counts ? '' : unitOf(condition.property));
}

function changeWords({ operator, threshold }: SpokenCondition): { verb: string; size: number } {
  const size = threshold ?? 0;
  const more = operator.endsWith('=') ? 'at least' : 'more than';
  if (operator.startsWith('>') && size >= 0) return { verb: `rises by ${more}`, size };
  if (operator.startsWith('<') && size <= 0) return { verb: `falls by ${more}`, size: -size };
  return { verb: `changes by ${kOperatorWords[operator]}`, size };
}

/** `power on any bulb stays above 100 W`; without a target, as one of several. */
function conditionPieces(
  condition: SpokenCondition,
  target: string | null,
  stays: boolean,
  unitOf: UnitOf,
): Piece[] {
  const field = strong(fieldWords(condition.property));
  const limit = (value = condition.threshold) => strong(amount(condition, value, unitOf));
  const on: Piece[] = target === null ? [] : [' on ', strong(target)];
  switch (condition.kind) {
    case 'no_data':
      return [
        'no ',
        field,
        ' arrives',
        ...(target === null ? [] : [' from ', strong(target)]),
        ' for ',
        limit(),
      ];
    case 'change': {
      const { verb, size } = changeWords(condition);
      const known = condition.threshold === null ? null : size;
      return [field, ...on, ` ${verb} `, limit(known), ` within ${duration(condition.windowS)}`];
    }
    case 'aggregate':
    case 'threshold': {
      const window = ` over ${duration(condition.windowS)}`;
      const verb = ` ${stays ? 'stays' : 'is'} ${kOperatorWords[condition.operator]} `;
      return condition.kind === 'threshold'
        ? [field, ...on, verb, limit()]
        : [`${kAggregateWords[condition.aggregate]} `, field, window, ...on, verb, limit()];
    }
  }
}

/** `When power on any bulb stays above 100 W for 2 min`. */
export function whenPieces(rule: SpokenRule, unitOf: UnitOf): Piece[] {
  const [first, ...more] = rule.conditions;
  if (!first) return [];
  if (more.length === 0) {
    const steady = first.kind === 'threshold' || first.kind === 'aggregate';
    const stays = rule.forS > 0 && steady;
    const lasting = steady ? ` for ${duration(rule.forS)}` : `, and so for ${duration(rule.forS)}`;
    const pieces = conditionPieces(first, rule.target, stays, unitOf);
    return ['When ', ...pieces, ...(rule.forS > 0 ? [lasting] : [])];
  }
  const word = rule.join === 'all' ? ' and ' : ' or ';
  const parts = rule.conditions.flatMap((condition, index): Piece[] => [
    ...(index > 0 ? [word] : []),
    ...conditionPieces(condition, null, false, unitOf),
  ]);
  const lasting = rule.forS > 0 ? [`, and stays so for ${duration(rule.forS)}`] : [];
  return ['When, on ', strong(rule.target), ', ', ...parts, ...lasting];
}

function levelWords(rule: SpokenRule, unitOf: UnitOf): string {
  const first = rule.conditions[0];
  if (!first) return '';
  const at = (value: number | null) => {
    if (first.kind === 'no_data') return `after ${amount(first, value, unitOf)}`;
    if (first.kind !== 'change') {
      return `${kOperatorWords[first.operator]} ${amount(first, value, unitOf)}`;
    }
    return `beyond ${amount(first, value === null ? null : Math.abs(value), unitOf)}`;
  };
  return rule.levels.map(({ severity, threshold }) => `, ${severity} ${at(threshold)}`).join('');
}

function clearWords(rule: SpokenRule, unitOf: UnitOf): string {
  const limits = rule.conditions.flatMap((condition) => {
    const side = clearSide(condition.operator);
    if (condition.clear === null || side === null || condition.kind === 'no_data') return [];
    return [
      `${fieldWords(condition.property)} is back ${side} ${amount(condition, condition.clear, unitOf)}`,
    ];
  });
  const lasting = rule.clearForS > 0 ? ` for ${duration(rule.clearForS)}` : '';
  if (!rule.autoResolve) return ' The alert stays open until someone resolves it.';
  if (limits.length > 0) return ` It clears once ${limits.join(' and ')}${lasting}.`;
  return lasting === '' ? '' : ` It clears once that is over${lasting}.`;
}

/** What the rule does then: `, raise a high alert, critical above 120 W. It clears once …` */
export function thenWords(rule: SpokenRule, unitOf: UnitOf): string {
  const article = `a ${rule.severity}`;
  const schedule = rule.schedule ? ` At work ${describeSchedule(rule.schedule)}.` : '';
  return `, raise ${article} alert${levelWords(rule, unitOf)}.${clearWords(rule, unitOf)}${schedule}`;
}

export function plainText(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.strong)).join('');
}
