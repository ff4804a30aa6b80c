import type { components } from '@/types/api';

type Schemas = components['schemas'];

export type ConditionKind = Schemas['RuleConditionKind'];
export type RuleAggregate = Schemas['RuleAggregate'];
export type RuleJoin = Schemas['RuleJoin'];
export type RuleCondition = Schemas['RuleCondition'];
export type RuleLevel = Schemas['RuleLevel'];
export type RuleTag = Schemas['DeviceTag'];

/** Complete, as the server answers it and the form sends it. */
export type RuleSchedule = Required<NonNullable<Schemas['RuleSchedule']>>;
export type Weekday = RuleSchedule['weekdays'][number];

export type Rule = Omit<Schemas['Rule'], 'schedule'> & { schedule: RuleSchedule | null };
export type RuleList = Omit<Schemas['RuleList'], 'rules'> & { rules: Rule[] };

/**
 * Complete but for its target, of which there is one. The schema's alternatives (a target of four, conditions or the
 * members of one) come to nothing in TypeScript.
 */
export type RuleCreate = Required<
  Pick<
    Schemas['RuleFields'],
    | 'name'
    | 'join'
    | 'levels'
    | 'for_s'
    | 'clear_for_s'
    | 'auto_resolve'
    | 'severity'
    | 'notification_channels'
    | 'cooldown_minutes'
  >
> & {
  description: string | null;
  conditions: RuleCondition[];
  schedule: RuleSchedule | null;
  device_id?: string;
  device_type?: string;
  device_tag?: RuleTag;
  all_devices?: true;
};
export type RuleUpdate = RuleCreate & { version?: number };

export type Backtest = Schemas['RuleBacktest'];
export type BacktestVariant = Backtest['variants'][number];
export type RuleExplanation = Schemas['RuleEvaluation'];
export type RuleFinding = RuleExplanation['conditions'][number];
