import { RulesPage } from '@/features/rules/rules-page';

export function RulesRoute() {
  return <RulesPage />;
}
