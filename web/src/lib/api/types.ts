import type { components, operations } from '@/types/api';

export type * from './rule-types';

type Schemas = components['schemas'];

export type Aggregate = Schemas['Aggregate'];
export type Alert = Schemas['Alert'];
export type AlertAssignees = Schemas['AlertAssignees'];
export type AlertBulkAction = Schemas['AlertBulkAction'];
export type AlertBulkResult = Schemas['AlertBulkResult'];
export type AlertChange = Schemas['AlertChange'];
export type AlertDetail = Schemas['AlertDetail'];
export type AlertEvent = Schemas['AlertEvent'];
export type AlertFilter = Schemas['AlertFilter'];
export type AlertList = Schemas['AlertList'];
export type AlertStatistics = Schemas['AlertStatistics'];
export type AlertStatus = Schemas['AlertStatus'];
export type AlertSummary = Schemas['AlertSummary'];
export type ApiKey = Schemas['ApiKey'];
export type ApiKeyCreate = Schemas['ApiKeyCreate'];
export type ApiKeyList = Schemas['ApiKeyList'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditList = Schemas['AuditList'];
export type AuditVerdict = Schemas['AuditVerdict'];
export type ChangedProfile = Schemas['ChangedProfile'];
export type Check = Schemas['Check'];
export type DeadLetter = Schemas['DeadLetter'];
export type DeadLetterList = Schemas['DeadLetterList'];
export type DeadLetterReason = Schemas['DeadLetterReason'];
export type Device = Schemas['Device'];
export type DeviceCreate = Schemas['DeviceCreate'];
export type DeviceCredentials = Schemas['DeviceCredentials'];
export type DeviceImport = Schemas['DeviceImport'];
export type DeviceIngest = Schemas['DeviceIngest'];
export type DeviceList = Schemas['DeviceList'];
export type DeviceStatus = Schemas['DeviceStatus'];
export type DeviceUpdate = Schemas['DeviceUpdate'];
export type Enrolment = Schemas['Enrolment'];
export type ErrorCode = Schemas['ErrorCode'];
export type Ingest = Schemas['Ingest'];
export type IssuedApiKey = Schemas['IssuedApiKey'];
export type LoginChallenge = Schemas['LoginChallenge'];
export type MqttClient = Schemas['MqttClientBase'];
export type MqttClientDetail = Schemas['MqttClientDetail'];
export type MqttClientList = Schemas['MqttClientList'];
export type MqttErrorList = Schemas['MqttErrorList'];
export type MqttTrace = Schemas['MqttTrace'];
export type MqttTracedPacket = Schemas['MqttTracedPacket'];
export type MqttCredential = Schemas['MqttCredential'];
export type MqttCredentialList = Schemas['MqttCredentialList'];
export type MqttCredentialRequest = Schemas['MqttCredentialRequest'];
export type MqttListedCredential = Schemas['MqttListedCredential'];
export type MqttRule = Schemas['MqttRule'];
export type MqttRuleList = Schemas['MqttRuleList'];
export type MqttRuleRequest = Schemas['MqttRuleRequest'];
export type NotificationChannel = Schemas['NotificationChannel'];
export type Operator = Schemas['Operator'];
export type Profile = Schemas['Profile'];
export type ProfileField = Schemas['ProfileField'];
export type ProfileList = Schemas['ProfileList'];
export type ProfileImpact = Schemas['ProfileImpact'];
export type QuerySource = Schemas['QuerySource'];
export type RecoveryCodes = Schemas['RecoveryCodes'];
export type Replayed = Schemas['Replayed'];
export type Role = Schemas['Role'];
export type RuleStatus = Schemas['RuleStatus'];
export type Scope = Schemas['Scope'];
export type SecondFactor = Schemas['SecondFactor'];
export type Oidc = Schemas['Oidc'];
export type Session = Schemas['Session'];
export type Severity = Schemas['Severity'];
export type SqlResult = Schemas['SqlResult'];
export type Statistics = Schemas['Statistics'];
export type System = Schemas['System'];
export type User = Schemas['User'];
export type UserCreate = Schemas['UserCreate'];
export type UserList = Schemas['UserList'];
export type UserUpdate = Schemas['UserUpdate'];

type Query<Operation extends keyof operations> = NonNullable<
  operations[Operation]['parameters']['query']
>;

export type AlertQuery = Query<'listAlerts'>;
export type AuditQuery = Query<'listAuditEntries'>;
export type DeadLetterQuery = Query<'listDeadLetters'>;
export type DeviceFileQuery = Query<'exportDevices'>;
export type DeviceImportQuery = Query<'importDevices'>;
export type DeviceQuery = Query<'listDevices'>;
export type MqttClientQuery = Query<'listMqttClients'>;
export type MqttErrorQuery = Query<'listMqttErrors'>;
export type MqttCredentialQuery = Query<'listMqttCredentials'>;
export type RuleQuery = Query<'listRules'>;
export type ApiKeyQuery = Query<'listApiKeys'>;
export type UserQuery = Query<'listUsers'>;
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
/** Windows of one device, by row. */
export type Windows = Omit<Schemas['QueryResult'], 'data' | 'fields'> & {
  data: WindowRow[];
  fields: string[];
};

export interface WindowRow {
  device_id: string;
  timestamp: string;
  [field: string]: string | number | null;
}

export type Telemetry = Omit<Schemas['Telemetry'], 'data'> & { data: Reading[] };
