// What the program does when it is used as documented.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { WebSocket } from 'ws';
import { loadDocument } from './openapi.mjs';
import { bulbReading, until } from './platform.mjs';

/** Where two values differ, as paths. */
function differences(a, b, at = '') {
  if (Object.is(a, b)) return [];
  const nested = [a, b].every((value) => typeof value === 'object' && value !== null);
  if (!nested || Array.isArray(a) !== Array.isArray(b)) return [at];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], `${at}/${key}`));
}

/** `tested()` gives { contract, platform, api, world } once the program runs. */
export function acceptedTests(tested) {
  it('serves the document itself', async () => {
    const { api } = tested();
    const served = await api.call('getOpenApi', 200, { token: null });
    // After an edit of the document this says that the program has to be built again.
    assert.deepEqual(differences(served, loadDocument()), []);
  });

  it('opens, renews and ends sessions', async () => {
    const { contract, platform, api } = tested();
    const operation = contract.operation('login');
    const answer = await api.send(operation, { body: platform.admin });
    const { data: first } = contract.check(operation, answer);
    const cookie = answer.headers.get('set-cookie');
    for (const part of ['energy_refresh=', 'HttpOnly', 'SameSite=Strict', 'Path=/api/auth']) {
      assert.ok(cookie.includes(part), `the cookie has no ${part}: ${cookie}`);
    }
    const byBody = { token: null, body: { refresh_token: first.refresh_token } };
    const second = await api.data('refreshSession', byBody);
    const headers = { Cookie: `energy_refresh=${second.refresh_token}` };
    const third = await api.data('refreshSession', { token: null, headers });
    const user = await api.data('getCurrentUser', { token: third.token });
    assert.equal(user.email, platform.admin.email);

    await api.call('refreshSession', 401, byBody);
    await api.call('refreshSession', 401, { token: null, headers: { Cookie: '' } });
    const body = { refresh_token: third.refresh_token };
    await api.call('refreshSession', 401, { token: null, body });

    const { token } = await api.data('login', { body: platform.admin });
    await api.data('logout', { token });
    await api.call('getCurrentUser', 401, { token });
  });

  it('limits logins', async () => {
    const { contract, api } = tested();
    const body = { email: 'nobody@example.com', password: 'wrong' };
    const operation = contract.operation('login');
    await api.call('login', 401, { body });
    const limited = await until('logins are limited', async () => {
      const response = await api.send(operation, { body });
      contract.check(operation, response);
      return response.status === 429 && response;
    });
    for (const name of Object.keys(contract.document.components.responses.RateLimited.headers)) {
      assert.match(limited.headers.get(name) ?? '', /^\d+$/, name);
    }
  });

  it('registers, changes and removes devices', async () => {
    const { contract, api, world } = tested();
    const { devices, total } = await api.data('listDevices');
    assert.equal(devices.length, total);
    assert.ok(devices.some(({ id }) => id === 'D1'));

    const { example } = contract.operation('createDevice').body;
    const created = await api.data('createDevice', { body: { ...example, type: 'bulb' } }, 201);
    await api.call('createDevice', 409, { body: { ...example, type: 'bulb' } });
    const id = created.id;
    assert.deepEqual(await api.data('getDevice', { id }), created);
    const body = { location: null, status: 'maintenance', version: created.version };
    const changed = await api.data('updateDevice', { id, body });
    assert.equal(changed.location, null);
    assert.ok(changed.version > created.version);
    await api.call('updateDevice', 409, { id, body });
    await api.data('createDeviceCredentials', { id }, 201);
    await api.data('deleteDevice', { id });
    await api.call('getDevice', 404, { id });
    assert.equal((await api.data('getDeviceStatus', { id: 'D1' })).online, true);
    assert.equal((await api.data('getDeviceStatus', { id: world.deviceId })).latest, null);
  });

  it('tells profiles', async () => {
    const { api } = tested();
    const { profiles } = await api.data('listProfiles');
    assert.ok(profiles.length > 0);
    assert.deepEqual(await api.data('getProfile', { id: profiles[0].type }), profiles[0]);
  });

  it('tells readings, stored and live', async () => {
    const { contract, platform, api, world } = tested();
    const query = { fields: 'power,temperature', max_points: 50 };
    const thinned = await api.data('queryTelemetry', { id: 'D1', query });
    assert.deepEqual([...thinned.fields].sort(), ['power', 'temperature']);
    assert.ok(thinned.downsampled && thinned.data.length > 10);
    assert.ok((await api.data('getIngest')).accepted_total > 0);

    const operation = contract.operation('streamTelemetry');
    const path = operation.path.replace('{id}', world.deviceId);
    const socket = new WebSocket(platform.url.replace('http', 'ws') + path, [
      'bearer',
      api.client.token,
    ]);
    const received = [];
    socket.on('message', (data) => received.push(JSON.parse(data)));
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    assert.equal(socket.protocol, 'bearer');
    contract.seen.get(operation.id).add(101);
    const reading = bulbReading(world.deviceId, Date.now());
    await platform.publish(world.credentials, [reading]);
    await until('the reading arrives', () => received.length > 0);
    socket.terminate();
    for (const message of received) contract.holdSchema('LiveMessage', message);
    assert.deepEqual(received[0], reading);
    assert.deepEqual((await api.data('queryTelemetry', { id: world.deviceId })).data, [reading]);
  });

  it('refuses a live connection as documented', async () => {
    const { contract, platform, api } = tested();
    const operation = contract.operation('streamTelemetry');
    const refused = (id, token) =>
      new Promise((done, fail) => {
        const url = platform.url.replace('http', 'ws') + operation.path.replace('{id}', id);
        const socket = new WebSocket(url, ['bearer', token]);
        socket.once('open', () => fail(new Error('was let in')));
        socket.once('unexpected-response', (request, response) => {
          let text = '';
          response.on('data', (data) => (text += data));
          response.on('end', () => {
            const headers = new Headers({ 'content-type': response.headers['content-type'] });
            done({ status: response.statusCode, headers, text, request: `WebSocket ${url}` });
            request.destroy();
          });
        });
      });
    for (const [id, token, status] of [
      ['D1', 'no.such.token', 401],
      ['no-such-device', api.client.token, 404],
    ]) {
      const response = await refused(id, token);
      assert.equal(response.status, status);
      contract.check(operation, response);
    }
  });

  it('keeps what could not become a reading', async () => {
    const { platform, api, world } = tested();
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00]);
    const impossible = { ...bulbReading(world.deviceId, Date.now()), voltage: 1e6 };
    await platform.publish(world.credentials, ['{"oops"', bytes, impossible]);
    const list = await until('three dead letters', async () => {
      const found = await api.data('listDeadLetters', { query: { device_id: world.deviceId } });
      return found.total >= 3 && found;
    });
    const exact = list.dead_letters.find(({ payload_base64: base64 }) => base64);
    assert.deepEqual(Buffer.from(exact.payload_base64, 'base64'), bytes);
  });

  it('keeps rules', async () => {
    const { contract, api } = tested();
    const { example } = contract.operation('createRule').body;
    const created = await api.data('createRule', { body: example }, 201);
    const id = created.id;
    assert.deepEqual(await api.data('getRule', { id }), created);
    const body = {
      threshold: 55,
      clear_threshold: 52,
      description: null,
      version: created.version,
    };
    assert.equal((await api.data('updateRule', { id, body })).threshold, 55);
    await api.call('updateRule', 409, { id, body });
    const status = 'paused';
    assert.equal((await api.data('setRuleStatus', { id, body: { status } })).status, status);
    const { rules } = await api.data('listRules', { query: { device_id: 'D1', status } });
    assert.deepEqual(
      rules.map((rule) => rule.id),
      [id],
    );
    await api.data('deleteRule', { id });
    await api.call('getRule', 404, { id });
  });

  it('raises and closes alerts', async () => {
    const { api, world } = tested();
    const alert = await world.alert();
    world.alertId = alert.id;
    assert.equal(alert.rule_id, world.rule.id);
    assert.ok((await api.data('getAlertSummary')).open >= 1);
    const body = { comment: 'Fan ordered.' };
    const taken = await api.data('acknowledgeAlert', { id: alert.id, body });
    assert.equal(taken.status, 'acknowledged');
    assert.equal(taken.comment, body.comment);
    const closed = await api.data('resolveAlert', { id: alert.id });
    assert.equal(closed.status, 'resolved');
    assert.deepEqual(await api.data('getAlert', { id: alert.id }), closed);
    await api.call('acknowledgeAlert', 409, { id: alert.id });
    await api.call('resolveAlert', 409, { id: alert.id });
  });

  it('tells its state', async () => {
    const { api } = tested();
    assert.ok((await api.data('getSystem')).checks.length > 0);
    for (const id of ['getHealth', 'getReadiness']) await api.call(id, 200, { token: null });
    const metrics = await api.call('getMetrics', 200, { token: null });
    for (const line of metrics.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? \S+)$/);
    }
  });
}
