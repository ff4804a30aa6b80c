import assert from 'node:assert/strict';
import { bulbReading, Platform, until } from './platform.mjs';

// The profile of bulbs, as the first start makes it.
const kBulbFields = [
  { name: 'voltage', unit: 'V', required: true, min: 200, max: 250, nominal_min: 220, nominal_max: 240 },
  { name: 'current', unit: 'A', required: true, min: 0, max: 2 },
  { name: 'power', unit: 'W', required: true, min: 0, max: 500 },
  { name: 'temperature', unit: '°C', required: true, min: 20, max: 80, nominal_max: 50 },
];

const kPassword = 'correct horse battery';

/** Requests by operationId; each answer is held against the document. */
export class Api {
  /** operationId -> token, for what would change the account that the other requests use. */
  tokens = {};

  constructor(client, contract) {
    this.client = client;
    this.contract = contract;
  }

  /** `id`: for `{id}` or `{type}` of the path, encoded here. Returns what Client.send returns. */
  async send(operation, { id, ...options } = {}) {
    const path = operation.path.replace(/\{\w+\}/, () => encodeURIComponent(id));
    const token = this.tokens[operation.id] ?? this.client.token;
    return this.client.send(operation.method, path, { token, ...options });
  }

  /** The answer's JSON (or text). Fails unless the status is `status` and the document agrees. */
  async call(operationId, status, options) {
    const operation = this.contract.operation(operationId);
    const response = await this.send(operation, options);
    const sent = JSON.stringify(options?.body)?.slice(0, 300) ?? '';
    assert.equal(response.status, status, `${response.request} ${sent}: ${response.text}`);
    return this.contract.check(operation, response);
  }

  /** The same, for the `data` of a successful envelope. */
  async data(operationId, options, status = 200) {
    return (await this.call(operationId, status, options)).data;
  }
}

/** What the requests of the tests talk about: a device of their own with a rule that can alert. */
export class World {
  deviceId = 'lamp-1';
  type = 'bulb';
  mqttClientId = 'simulator_D1';

  constructor(platform, api) {
    this.platform = platform;
    this.api = api;
  }

  /** A program of its own whose answers are held against `contract`, furnished. */
  static async start(contract) {
    const platform = await Platform.start({
      args: ['--faults', '0'],
      env: {
        ENERGY_AUTH__BCRYPT_COST: '4',
        // A mail server that nobody has started: messages wait, and can be looked at.
        ENERGY_NOTIFICATIONS__EMAIL__PROVIDER: 'smtp',
        ENERGY_NOTIFICATIONS__EMAIL__FROM: 'alerts@example.com',
        ENERGY_NOTIFICATIONS__SMTP__HOST: '127.0.0.1',
        ENERGY_NOTIFICATIONS__SMTP__PORT: '1',
        ENERGY_NOTIFICATIONS__MAX_ATTEMPTS: '1',
      },
    });
    try {
      const world = new World(platform, new Api(await platform.login(), contract));
      await world.#create();
      return world;
    } catch (error) {
      platform.destroy();
      throw error;
    }
  }

  async #create() {
    const { api, deviceId, type } = this;
    const body = { id: deviceId, name: 'Lamp', type, location: 'Hall', metadata: { floor: 2 } };
    await api.data('createDevice', { body }, 201);
    this.credentials = await api.data('createDeviceCredentials', { id: deviceId }, 201);
    this.rule = await this.createRule('Lamp too hot');
    await api.data('createMqttCredential', { body: { username: 'panel' } }, 201);
    const aclRule = { username: 'panel', topic: 'devices/#', action: 'subscribe' };
    const user = { email: 'ann@example.com', full_name: 'Ann', role: 'viewer', password: kPassword };
    this.user = await api.data('registerUser', { body: user }, 201);
    const login = { email: user.email, password: user.password };
    const { token } = await api.data('login', { body: login });
    for (const id of [
      'changePassword',
      'beginSecondFactor',
      'confirmSecondFactor',
      'disableSecondFactor',
    ]) {
      api.tokens[id] = token;
    }
    const key = { name: 'panel', scopes: ['read_telemetry'] };
    this.apiKey = (await api.data('createApiKey', { body: key }, 201)).api_key;
    this.aclRule = await api.data('createMqttRule', { body: aclRule }, 201);
    const test = { channel: 'email', recipient: 'ops@example.com' };
    this.notification = await api.data('sendTestNotification', { body: test }, 202);
  }

  async createRule(name) {
    const body = {
      name,
      device_id: this.deviceId,
      property: 'temperature',
      operator: '>',
      threshold: 50,
      cooldown_minutes: 0,
    };
    return this.api.data('createRule', { body }, 201);
  }

  report(options) {
    return this.platform.publish(this.credentials, [
      bulbReading(this.deviceId, Date.now(), options),
    ]);
  }

  /** An open alert of this device, made by a hot reading. */
  async alert() {
    await this.report({ temperature: 60 });
    const query = { device_id: this.deviceId, status: 'open' };
    return until('an alert is open', async () => {
      const { alerts } = await this.api.data('listAlerts', { query });
      return alerts[0];
    });
  }

  /** An id that exists (or none that does) for the path of an operation. */
  idFor(operation, exists = true) {
    const nobody = '00000000-0000-4000-8000-000000000000';
    if (operation.path.startsWith('/api/rules/')) return exists ? this.rule.id : nobody;
    if (operation.path.startsWith('/api/users/')) return exists ? this.user.id : nobody;
    if (operation.path.startsWith('/api/api-keys/')) return exists ? this.apiKey.id : nobody;
    if (operation.path.startsWith('/api/alerts/')) return exists ? this.alertId : nobody;
    if (operation.path.startsWith('/api/notifications/')) {
      return exists ? this.notification.id : nobody;
    }
    if (operation.path.startsWith('/api/data/dead-letters/')) return nobody;
    if (operation.path.startsWith('/api/profiles/')) return exists ? this.type : 'no-such-type';
    if (operation.path.startsWith('/api/mqtt/clients/')) {
      return exists ? this.mqttClientId : 'no-such-client';
    }
    if (operation.path.startsWith('/api/mqtt/credentials/')) return exists ? 'panel' : nobody;
    if (operation.path.startsWith('/api/mqtt/acl/')) return exists ? this.aclRule.id : nobody;
    return exists ? this.deviceId : 'no-such-device';
  }

  /** A body that the operation accepts, without effects that other tests would notice. */
  bodyFor(operation) {
    switch (operation.id) {
      case 'login':
        return this.platform.admin;
      case 'registerUser':
        return { email: 'zoe@example.com', full_name: 'Zoe', role: 'viewer', password: kPassword };
      case 'updateUser':
        return { full_name: 'Ann' };
      case 'changePassword':
        return { current_password: kPassword, new_password: kPassword };
      case 'beginSecondFactor':
      case 'disableSecondFactor':
        return { password: kPassword };
      case 'confirmSecondFactor':
        return { code: '000000' };
      case 'openOidcSession':
        return { code: 'spent' };
      case 'finishLogin':
        return { challenge: 'a.b.c', code: '000000' };
      case 'resetUserPassword':
        return { password: kPassword };
      case 'createApiKey':
        return { name: 'spare', scopes: ['read_telemetry'] };
      case 'createDevice':
        return { id: 'lamp-2', name: 'Second lamp', type: this.type };
      case 'sendTestNotification':
        return { channel: 'email', recipient: 'ops@example.com' };
      case 'previewNotification':
        return { channel: 'email' };
      case 'setRuleRecipients':
        return { recipients: [], escalation_recipients: [] };
      case 'updateOwnNotificationSettings':
        return {
          phone: '+4915112345678',
          chat_id: '42',
          channels: ['email'],
          quiet_start: '22:00',
          quiet_end: '06:00',
        };
      // As it is, so that nothing changes.
      case 'updateProfile':
        return { fields: kBulbFields };
      case 'createProfile':
        return { type: 'spare', fields: kBulbFields };
      case 'createRule':
        return {
          name: 'Dim',
          device_id: this.deviceId,
          property: 'power',
          operator: '<',
          threshold: 1,
        };
      case 'evaluateRule':
        return { values: { power: 0.5 } };
      case 'backtestRule':
        return { device_id: this.deviceId, property: 'power', operator: '<', threshold: 1 };
      case 'setRuleStatus':
        return { status: 'active' };
      case 'updateRule':
        return { threshold: 50 };
      case 'queryData':
        return { device_id: this.deviceId, aggregate: 'mean' };
      case 'updateDevice':
        return { name: 'Lamp' };
      case 'createMqttCredential':
        return { username: 'panel-2', subscribe: ['devices/#'] };
      case 'createMqttRule':
        return { username: 'panel', topic: 'plant/#', action: 'subscribe', effect: 'deny' };
      case 'startMqttTrace':
        return { duration_s: 1 };
      case 'acknowledgeAlert':
      case 'resolveAlert':
      case 'reopenAlert':
      case 'unshelveAlert':
      case 'commentAlert':
        return { comment: 'seen' };
      case 'shelveAlert':
        return { minutes: 1 };
      case 'assignAlert':
        return { assignee: null };
      // Says what each of its actions needs.
      case 'actOnAlerts': {
        const ids = [this.alertId ?? '00000000-0000-4000-8000-000000000000'];
        return { action: 'comment', ids, comment: 'seen', minutes: 1, assignee: null };
      }
      default:
        return operation.body ? {} : undefined;
    }
  }
}
