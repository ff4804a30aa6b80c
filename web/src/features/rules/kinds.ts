import type { ConditionKind, RuleAggregate } from '@/lib/api/types';

export const kKindNames: Record<ConditionKind, string> = {
  threshold: 'Value',
  aggregate: 'Over a window',
  change: 'Change',
  no_data: 'No data',
};

export const kKinds = Object.keys(kKindNames) as ConditionKind[];

export const kAggregateNames: Record<RuleAggregate, string> = {
  mean: 'Mean',
  min: 'Lowest',
  max: 'Highest',
  sum: 'Sum',
  count: 'Number of readings',
  spread: 'Highest less lowest',
};

export const kAggregates = Object.keys(kAggregateNames) as RuleAggregate[];
