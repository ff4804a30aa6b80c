import assert from 'node:assert/strict';
import { bulbReading, until } from './platform.mjs';

/** Requests by operationId; each answer is held against the document. */
export class Api {
  constructor(client, contract) {
    this.client = client;
    this.contract = contract;
  }

  /** `id`: for `{id}` or `{type}` of the path, encoded here. Returns what Client.send returns. */
  async send(operation, { id, ...options } = {}) {
    const path = operation.path.replace(/\{\w+\}/, () => encodeURIComponent(id));
    return this.client.send(operation.method, path, options);
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

  constructor(platform, api) {
    this.platform = platform;
    this.api = api;
  }

  async create() {
    const { api, deviceId, type } = this;
    const body = { id: deviceId, name: 'Lamp', type, location: 'Hall', metadata: { floor: 2 } };
    await api.data('createDevice', { body }, 201);
    this.credentials = await api.data('createDeviceCredentials', { id: deviceId }, 201);
    this.rule = await this.createRule('Lamp too hot');
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
    if (operation.path.startsWith('/api/alerts/')) return exists ? this.alertId : nobody;
    if (operation.path.startsWith('/api/profiles/')) return exists ? this.type : 'no-such-type';
    return exists ? this.deviceId : 'no-such-device';
  }

  /** A body that the operation accepts, without effects that other tests would notice. */
  bodyFor(operation) {
    switch (operation.id) {
      case 'login':
        return this.platform.admin;
      case 'createDevice':
        return { id: 'lamp-2', name: 'Second lamp', type: this.type };
      case 'createRule':
        return {
          name: 'Dim',
          device_id: this.deviceId,
          property: 'power',
          operator: '<',
          threshold: 1,
        };
      case 'setRuleStatus':
        return { status: 'active' };
      case 'updateRule':
        return { threshold: 50 };
      case 'updateDevice':
        return { name: 'Lamp' };
      case 'acknowledgeAlert':
      case 'resolveAlert':
        return { comment: 'seen' };
      default:
        return operation.body ? {} : undefined;
    }
  }
}
