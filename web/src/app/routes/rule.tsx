import { useParams } from 'react-router';
import { RulePage } from '@/features/rules/rule-page';

export function RuleRoute() {
  const { id = '' } = useParams();
  return <RulePage id={id} />;
}
