import type { Operator } from './api/types';
import { formatPlain } from './units';

export const kOperatorWords: Record<Operator, string> = {
  '>': 'above',
  '>=': 'at or above',
  '<': 'below',
  '<=': 'at or below',
  '=': 'exactly',
  '!=': 'anything but',
};

export const kOperators = Object.keys(kOperatorWords) as Operator[];

/** `above 50 °C` */
export function describeLimit(operator: Operator, threshold: number, unit = ''): string {
  return `${kOperatorWords[operator]} ${formatPlain(threshold, unit)}`;
}

/** Whether a value that lies beyond the threshold must come back past `clear` for the condition to end. */
export function clearSide(operator: Operator): 'below' | 'above' | null {
  if (operator === '>' || operator === '>=') return 'below';
  if (operator === '<' || operator === '<=') return 'above';
  return null;
}
