import type { MqttCredential } from '@/lib/api/types';

/** What a client needs to connect, for a SecretDialog. */
export const secretsOf = ({ username, password }: MqttCredential) => [
  { label: 'User name', value: username },
  { label: 'Password', value: password },
];
