import { BellRing, Gauge, MailX, Plug, SlidersHorizontal, type LucideIcon } from 'lucide-react';

export interface Destination {
  to: string;
  label: string;
  icon: LucideIcon;
}

export const kDestinations: readonly Destination[] = [
  { to: '/', label: 'Overview', icon: Gauge },
  { to: '/devices', label: 'Devices', icon: Plug },
  { to: '/alerts', label: 'Alerts', icon: BellRing },
  { to: '/rules', label: 'Rules', icon: SlidersHorizontal },
  { to: '/dead-letters', label: 'Rejected', icon: MailX },
];
