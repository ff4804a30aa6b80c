import { DeadLettersPage } from '@/features/dead-letters/dead-letters-page';

export function DeadLettersRoute() {
  return <DeadLettersPage />;
}
