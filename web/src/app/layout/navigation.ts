import {
  BellRing,
  BookOpen,
  DatabaseZap,
  FileSliders,
  Gauge,
  MailX,
  Plug,
  RadioTower,
  ScrollText,
  Server,
  SlidersHorizontal,
  UsersRound,
  type LucideIcon,
} from 'lucide-react';
import { usePermissions } from '@/lib/store/hooks';

export interface Destination {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Only for those who may edit. */
  editors?: boolean;
  /** Only for admins. */
  admins?: boolean;
}

/** In the bottom bar of a phone too. */
export const kMain: readonly Destination[] = [
  { to: '/', label: 'Overview', icon: Gauge },
  { to: '/devices', label: 'Devices', icon: Plug },
  { to: '/alerts', label: 'Alerts', icon: BellRing },
  { to: '/rules', label: 'Rules', icon: SlidersHorizontal },
];

const kFurther: readonly Destination[] = [
  { to: '/sql', label: 'SQL', icon: DatabaseZap },
  { to: '/dead-letters', label: 'Rejected', icon: MailX },
  { to: '/profiles', label: 'Profiles', icon: FileSliders },
  { to: '/mqtt', label: 'MQTT', icon: RadioTower, editors: true },
  { to: '/users', label: 'Users', icon: UsersRound, admins: true },
  { to: '/audit', label: 'Audit log', icon: ScrollText, admins: true },
  { to: '/system', label: 'System', icon: Server },
  { to: '/api/docs', label: 'API', icon: BookOpen },
];

/** Those that a phone has behind "More". */
export function useFurtherDestinations(): readonly Destination[] {
  const { edit, administer } = usePermissions();
  return kFurther.filter(({ editors, admins }) => (edit || !editors) && (administer || !admins));
}
