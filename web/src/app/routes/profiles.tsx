import { ProfilesPage } from '@/features/profiles/profiles-page';

export function ProfilesRoute() {
  return <ProfilesPage />;
}
