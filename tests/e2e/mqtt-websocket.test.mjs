// MQTT over WebSocket with MQTT.js, the library that pages and dashboards use.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import mqtt from 'mqtt';
import { Platform, until } from './platform.mjs';

describe('MQTT over WebSocket', { timeout: 120_000 }, () => {
  let platform;
  let url;
  let panel;
  const open = [];

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: {
        ENERGY_AUTH__BCRYPT_COST: '4',
        ENERGY_MQTT__WEBSOCKET__ENABLED: 'true',
        ENERGY_MQTT__WEBSOCKET__PORT: '0',
      },
    });
    url = JSON.parse(readFileSync(join(platform.folder, 'endpoints.json'), 'utf8')).mqtt_ws;
    const api = await platform.login();
    const body = { username: 'panel', publish: ['hall/#'], subscribe: ['hall/#', 'devices/#'] };
    panel = (await api.call('POST', '/api/mqtt/credentials', { body })).data;
  });
  after(async () => {
    for (const client of open) client.end(true);
    await platform?.close();
  });

  async function connect(protocolVersion, options = {}) {
    const { username, password } = panel;
    const client = await mqtt.connectAsync(url, {
      protocolVersion,
      username,
      password,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...options,
    });
    open.push(client);
    client.inbox = [];
    client.on('message', (topic, payload, packet) => {
      client.inbox.push({ topic, text: payload.toString(), retain: packet.retain, qos: packet.qos });
    });
    return client;
  }

  for (const version of [4, 5]) {
    it(`publishes, subscribes, retains and leaves wills (MQTT ${version === 4 ? '3.1.1' : '5'})`, async () => {
      const topic = `hall/${version}`;
      const watcher = await connect(version);
      const [granted] = await watcher.subscribeAsync(`${topic}/+`, { qos: 1 });
      assert.equal(granted.qos, 1);
      const client = await connect(version, {
        will: { topic: `${topic}/gone`, payload: 'gone', qos: 1, retain: false },
      });
      const large = 'x'.repeat(300_000);
      await client.publishAsync(`${topic}/a`, large, { qos: 1 });
      await client.publishAsync(`${topic}/b`, 'Grüße', { qos: 0 });
      await client.publishAsync(`${topic}/kept`, 'kept', { qos: 1, retain: true });
      client.stream.destroy(); // no DISCONNECT
      await until('the will', () => watcher.inbox.length === 4);
      assert.deepEqual(watcher.inbox, [
        { topic: `${topic}/a`, text: large, retain: false, qos: 1 },
        { topic: `${topic}/b`, text: 'Grüße', retain: false, qos: 0 },
        { topic: `${topic}/kept`, text: 'kept', retain: false, qos: 1 },
        { topic: `${topic}/gone`, text: 'gone', retain: false, qos: 1 },
      ]);
      const late = await connect(version);
      await late.subscribeAsync(`${topic}/#`, { qos: 1 });
      await until('the retained message', () => late.inbox.length === 1);
      assert.deepEqual(late.inbox[0], { topic: `${topic}/kept`, text: 'kept', retain: true, qos: 1 });
    });

    it(`finds its session again and what came meanwhile (MQTT ${version === 4 ? '3.1.1' : '5'})`, async () => {
      const topic = `hall/session/${version}`;
      const options = {
        clientId: `panel-${version}`,
        clean: false,
        ...(version === 5 && { properties: { sessionExpiryInterval: 60 } }),
      };
      const before = await connect(version, options);
      await before.subscribeAsync(topic, { qos: 1 });
      await before.endAsync();
      const publisher = await connect(version);
      for (const text of ['1', '2', '3']) await publisher.publishAsync(topic, text, { qos: 1 });
      const inbox = [];
      const { username, password } = panel;
      const back = mqtt.connect(url, {
        protocolVersion: version,
        username,
        password,
        reconnectPeriod: 0,
        ...options,
      });
      open.push(back);
      back.on('message', (_, payload) => inbox.push(payload.toString()));
      await until('what came meanwhile', () => inbox.length === 3);
      assert.deepEqual(inbox, ['1', '2', '3']);
    });
  }

  it('sees readings of a device that publishes over TCP', async () => {
    const watcher = await connect(5);
    await watcher.subscribeAsync('devices/+/telemetry');
    await until('a reading of the simulated device', () => watcher.inbox.length > 0);
    assert.ok('timestamp' in JSON.parse(watcher.inbox[0].text));
  });

  it('refuses a wrong password and a topic that is not allowed, and says so', async () => {
    await assert.rejects(connect(5, { password: 'wrong' }), { code: 0x86 });
    await assert.rejects(connect(4, { password: 'wrong' }), { code: 4 });
    const client = await connect(5);
    await assert.rejects(client.publishAsync('elsewhere', 'x', { qos: 1 }), { code: 0x87 });
    await assert.rejects(client.subscribeAsync('elsewhere'), /Not authorized/);
  });
});
