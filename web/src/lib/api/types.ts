import type { components, operations } from '@/types/api';

type Schemas = components['schemas'];

export type Alert = Schemas['Alert'];
export type AlertList = Schemas['AlertList'];
export type AlertStatus = Schemas['AlertStatus'];
export type AlertSummary = Schemas['AlertSummary'];
export type Check = Schemas['Check'];
export type DeadLetter = Schemas['DeadLetter'];
export type DeadLetterList = Schemas['DeadLetterList'];
export type DeadLetterReason = Schemas['DeadLetterReason'];
export type Device = Schemas['Device'];
export type DeviceCreate = Schemas['DeviceCreate'];
export type DeviceCredentials = Schemas['DeviceCredentials'];
export type DeviceList = Schemas['DeviceList'];
export type DeviceStatus = Schemas['DeviceStatus'];
export type DeviceUpdate = Schemas['DeviceUpdate'];
export type ErrorCode = Schemas['ErrorCode'];
export type Ingest = Schemas['Ingest'];
export type NotificationChannel = Schemas['NotificationChannel'];
export type Operator = Schemas['Operator'];
export type Profile = Schemas['Profile'];
export type ProfileField = Schemas['ProfileField'];
export type ProfileList = Schemas['ProfileList'];
export type Role = Schemas['Role'];
export type Rule = Schemas['Rule'];
export type RuleCreate = Schemas['RuleCreate'];
export type RuleList = Schemas['RuleList'];
export type RuleStatus = Schemas['RuleStatus'];
export type RuleUpdate = Schemas['RuleUpdate'];
export type Session = Schemas['Session'];
export type Severity = Schemas['Severity'];
export type System = Schemas['System'];
export type User = Schemas['User'];

type Query<Operation extends keyof operations> = NonNullable<
  operations[Operation]['parameters']['query']
>;

export type AlertQuery = Query<'listAlerts'>;
export type DeadLetterQuery = Query<'listDeadLetters'>;
export type DeviceQuery = Query<'listDevices'>;
export type RuleQuery = Query<'listRules'>;
export type TelemetryQuery = Query<'queryTelemetry'>;

/**
 * The schema's `Reading` is an intersection TypeScript cannot index: text for two names, numbers for every other.
 */
export interface Reading {
  device_id: string;
  timestamp: string;
  [field: string]: string | number;
}

export type DeviceState = Omit<Schemas['DeviceState'], 'latest'> & { latest: Reading | null };
export type Telemetry = Omit<Schemas['Telemetry'], 'data'> & { data: Reading[] };
