import { NewRulePage } from '@/features/rules/rule-page';

export function NewRuleRoute() {
  return <NewRulePage />;
}
