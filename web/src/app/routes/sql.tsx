import { SqlPage } from '@/features/sql/sql-page';

export function SqlRoute() {
  return <SqlPage />;
}
