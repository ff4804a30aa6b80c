import { SystemPage } from '@/features/system/system-page';

export function SystemRoute() {
  return <SystemPage />;
}
