// What the program does when it is used as documented.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
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

/** The code that an authenticator shows now (RFC 6238). */
export function totp(secret) {
  const bits = [...secret]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
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

  it('knows no OpenID provider unless there is one', async () => {
    const { api } = tested();
    assert.deepEqual(await api.data('getOidc', { token: null }), { enabled: false, label: null });
    await api.call('beginOidcLogin', 404, { token: null });
    await api.call('finishOidcLogin', 404, { token: null, query: { code: 'x', state: 'y' } });
    await api.call('openOidcSession', 401, { token: null, body: { code: 'x' } });
  });

  it('keeps accounts', async () => {
    const { contract, platform, api } = tested();
    const { example } = contract.operation('registerUser').body;
    const user = await api.data('registerUser', { body: example }, 201);
    const { id } = user;
    await api.call('registerUser', 409, { body: example });
    assert.deepEqual(await api.data('getUser', { id }), user);
    const { users } = await api.data('listUsers', { query: { search: example.email } });
    assert.deepEqual(users, [user]);

    const login = (password) => ({ body: { email: example.email, password } });
    const { token } = await api.data('login', login(example.password));
    assert.equal((await api.data('validateToken', { token })).user.id, id);
    await api.call('listUsers', 403, { token });
    const change = contract.operation('changePassword').body.example;
    const body = { ...change, current_password: example.password };
    await api.data('changePassword', { token, body });
    await api.data('resetUserPassword', { id, body: { password: example.password } });
    await api.call('validateToken', 401, { token });

    const changed = await api.data('updateUser', { id, body: { is_active: false, version: 1 } });
    assert.equal(changed.is_active, false);
    await api.call('updateUser', 409, { id, body: { is_active: true, version: 1 } });
    await api.call('login', 401, login(example.password));
    const own = await api.data('getCurrentUser');
    assert.equal(own.email, platform.admin.email);
    await api.call('updateUser', 409, { id: own.id, body: { role: 'viewer' } });
  });

  it('asks for a second factor', async () => {
    const { api } = tested();
    const body = { email: 'tom@example.com', password: 'correct horse battery' };
    const user = { ...body, full_name: 'Tom', role: 'viewer' };
    const { id } = await api.data('registerUser', { body: user }, 201);
    const { token } = await api.data('login', { body });
    const proof = { password: body.password };
    const { secret, uri } = await api.data('beginSecondFactor', { token, body: proof });
    assert.ok(uri.includes(secret));
    await api.call('confirmSecondFactor', 400, { token, body: { code: '0' } });
    const confirm = { token, body: { code: totp(secret) } };
    const { recovery_codes: codes } = await api.data('confirmSecondFactor', confirm);
    await api.call('confirmSecondFactor', 409, confirm);
    await api.call('beginSecondFactor', 409, { token, body: proof });
    const state = await api.data('getSecondFactor', { token });
    assert.deepEqual(state, { enabled: true, recovery_codes_left: codes.length });

    const { challenge } = await api.data('login', { body });
    await api.call('getCurrentUser', 401, { token: challenge });
    const finish = { token: null, body: { challenge, code: codes[0] } };
    const session = await api.data('finishLogin', finish);
    assert.equal(session.user.second_factor, true);
    await api.call('finishLogin', 401, finish);
    await api.data('resetUserSecondFactor', { id });
    await api.call('disableSecondFactor', 404, { token, body: proof });
    const again = await api.data('beginSecondFactor', { token, body: proof });
    // The code of a step that was used for the first secret is free for another.
    await api.data('confirmSecondFactor', { token, body: { code: totp(again.secret) } });
    await api.data('disableSecondFactor', { token, body: proof });
    assert.ok((await api.data('login', { body })).token);
  });

  it('gives keys to machines', async () => {
    const { contract, api } = tested();
    const { example } = contract.operation('createApiKey').body;
    const { api_key: key, secret } = await api.data('createApiKey', { body: example }, 201);
    await api.call('createApiKey', 409, { body: example });
    const { api_keys: keys } = await api.data('listApiKeys', { query: { search: example.name } });
    assert.deepEqual(keys, [key]);
    await api.data('listDevices', { token: secret });
    const device = contract.operation('createDevice').body.example;
    await api.call('createDevice', 403, { token: secret, body: device });
    await api.data('revokeApiKey', { id: key.id });
    await api.call('listDevices', 401, { token: secret });
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
    const health = await api.data('getDeviceHealth', { id: 'D1' });
    assert.ok(health.health_score > 0 && health.inputs.readings > 0);
    assert.deepEqual(
      health.parts.map(({ weight }) => weight),
      [0.4, 0.3, 0.2, 0.1],
    );
    assert.equal((await api.data('getDeviceStatus', { id: 'D1' })).online, true);
    assert.equal((await api.data('getDeviceStatus', { id: world.deviceId })).latest, null);
  });

  it('imports and exports devices as CSV', async () => {
    const { contract, api } = tested();
    const raw = 'id,name,type,metadata.line\nC1,one,meter,7\nC2,two,meter,8\n';
    const send = async (query, status, text = raw) => {
      const operation = contract.operation('importDevices');
      const answer = await api.send(operation, { query, raw: text });
      assert.equal(answer.status, status, answer.text);
      return contract.check(operation, answer);
    };
    assert.equal((await send({ dry_run: 'true' }, 200)).data.created, 2);
    await api.call('getDevice', 404, { id: 'C1' });
    const refused = await send({}, 400, raw + 'C3,,meter,9\n');
    assert.ok(refused.error.details['line 4.name']);
    await api.call('importDevices', 401, { raw, token: null });
    await api.call('importDevices', 413, { raw: 'x'.repeat((16 << 20) + 1) });
    assert.equal((await send({ partial: 'true' }, 200, raw + 'C3,,meter,9\n')).data.created, 2);
    assert.equal((await send({ existing: 'skip' }, 200)).data.skipped, 2);
    const query = { tag: 'line:7' };
    const { devices } = await api.data('listDevices', { query });
    assert.deepEqual(devices.map(({ id }) => id), ['C1']);
    const operation = contract.operation('exportDevices');
    const csv = await api.send(operation, { query });
    contract.check(operation, csv);
    assert.match(csv.text, /^id,name,type,.*\r\nC1,one,meter,,(in)?active,"\{""line"":7\}",/);
    assert.equal((await send({ existing: 'update' }, 200, csv.text)).data.updated, 1);
    for (const id of ['C1', 'C2']) {
      const removed = await api.data('deleteDevice', { id, query: { telemetry: 'delete' } });
      assert.equal(removed.telemetry, 'deleted');
    }
  });

  it('shows MQTT clients to the operator', async () => {
    const { api, world } = tested();
    const id = world.mqttClientId;
    const { clients } = await api.data('listMqttClients', { query: { search: id } });
    assert.deepEqual(
      clients.map(({ client_id }) => client_id),
      [id],
    );
    const body = { duration_s: 60 };
    await api.data('startMqttTrace', { id, query: { payload: 'true' }, body });
    const packet = await until('a packet was traced', async () => {
      const { packets } = await api.data('getMqttTrace', { id });
      return packets.find(({ type }) => type === 'PUBLISH');
    });
    assert.equal(packet.topic, 'devices/D1/telemetry');
    assert.equal(JSON.parse(packet.payload).device_id, 'D1');
    await api.data('startMqttTrace', { id, body: { duration_s: 0 } });
    assert.equal((await api.data('getMqttTrace', { id })).running, false);

    const before = await api.data('getMqttClient', { id });
    await api.data('disconnectMqttClient', { id });
    const { errors } = await api.data('listMqttErrors', { query: { search: id } });
    assert.equal(errors[0].error, 'disconnected by the operator');
    await until('the simulator is back', async () => {
      const { clients: back } = await api.data('listMqttClients', { query: { search: id } });
      return back.some(({ connected_at }) => connected_at > before.connected_at);
    });
  });

  it('keeps who may connect by MQTT, and do what', async () => {
    const { api } = tested();
    const body = { username: 'scada', subscribe: ['devices/#'] };
    const issued = await api.data('createMqttCredential', { body }, 201);
    assert.equal(issued.password.length, 32);
    const { credentials } = await api.data('listMqttCredentials', { query: { search: 'scada' } });
    assert.deepEqual(
      credentials.map(({ username }) => username),
      ['scada'],
    );
    const rule = { username: 'scada', topic: 'plant/%u', action: 'all', effect: 'deny' };
    const { id } = await api.data('createMqttRule', { body: rule }, 201);
    const query = { username: 'scada' };
    assert.equal((await api.data('listMqttRules', { query })).rules[1].id, id);
    const changed = await api.data('changeMqttPassword', { id: 'scada' });
    assert.equal(changed.password.length, 32);
    assert.notEqual(changed.password, issued.password);
    assert.equal((await api.data('listMqttRules', { query })).total, 2);
    await api.data('deleteMqttRule', { id });
    await api.data('deleteMqttCredential', { id: 'scada' });
    assert.equal((await api.data('listMqttRules', { query })).total, 0);
  });

  it('tells profiles', async () => {
    const { api } = tested();
    const { profiles } = await api.data('listProfiles');
    assert.ok(profiles.length > 0);
    assert.deepEqual(await api.data('getProfile', { id: profiles[0].type }), profiles[0]);
  });

  it('keeps profiles', async () => {
    const { contract, api, world } = tested();
    const { example } = contract.operation('createProfile').body;
    const { type } = example;
    const look = { body: example, query: { dry_run: 'true' } };
    assert.equal((await api.data('createProfile', look)).impact.devices, 0);
    await api.call('getProfile', 404, { id: type });
    const created = await api.data('createProfile', { body: example }, 201);
    await api.call('createProfile', 409, look);
    assert.equal(created.impact.devices, 0);
    await api.call('createProfile', 409, { body: example });
    const body = { version: created.version, fields: example.fields.slice(1) };
    const query = { dry_run: 'true' };
    assert.deepEqual(
      (await api.data('updateProfile', { id: type, body, query })).impact.removed_fields,
      ['power'],
    );
    await api.data('updateProfile', { id: type, body });
    await api.call('updateProfile', 409, { id: type, body });
    await api.data('deleteProfile', { id: type });
    await api.call('getProfile', 404, { id: type });

    // A rule watches the temperature of a bulb.
    const bulb = await api.data('getProfile', { id: world.type });
    const fields = bulb.fields.filter(({ name }) => name !== 'temperature');
    const refused = await api.call('updateProfile', 409, { id: world.type, body: { fields } });
    assert.match(refused.error.details[`rules.${world.rule.id}`], /temperature of lamp-1/);
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

  it('answers queries', async () => {
    const { contract, api, world } = tested();
    const columns = { layout: 'columns', time: 'ms', fields: 'power' };
    const byColumn = await api.data('queryTelemetry', { id: 'D1', query: columns });
    assert.equal(byColumn.time.length, byColumn.fields.power.length);
    assert.ok(Number.isInteger(byColumn.time[0]));
    const operation = contract.operation('queryTelemetry');
    const headers = { Accept: 'text/csv' };
    const csv = await api.send(operation, { id: 'D1', query: { fields: 'power' }, headers });
    contract.check(operation, csv);
    assert.match(csv.text, /^time,power\r\n\d{4}-/);
    const parquet = { Accept: 'application/vnd.apache.parquet' };
    const file = await api.send(operation, { id: 'D1', query: { fields: 'power' }, headers: parquet });
    contract.check(operation, file);
    assert.match(file.text, /^PAR1[^]*PAR1$/);

    const { example } = contract.operation('queryData').body;
    const days = await api.data('queryData', { body: example });
    assert.equal(days.time_zone, 'Europe/Berlin');
    const body = { devices: ['D1', world.deviceId], aggregates: ['mean', 'p95'], window: '1m' };
    const minutes = await api.data('queryData', { body });
    assert.equal(minutes.source, 'raw');
    assert.ok(minutes.data[0].power_p95 > 0);
    assert.equal(minutes.units.power_mean, 'W');
    const together = { ...body, group_by: 'none', window: undefined, aggregates: ['count'] };
    const query = { layout: 'columns' };
    const all = await api.data('queryData', { body: together, query });
    assert.equal(all.series.length, 1);

    const { metadata } = await api.data('getDevice', { id: world.deviceId });
    const tagged = { metadata: { ...metadata, line: 'A', hall: 1 } };
    await api.data('updateDevice', { id: world.deviceId, body: tagged });
    const byTag = { tags: { line: ['A', 'B'], hall: 1 }, aggregates: ['count'], group_by: 'tag:line' };
    const lines = await api.data('queryData', { body: byTag });
    assert.deepEqual(lines.data.map(({ group }) => group), ['A']);
    await api.call('queryData', 400, { body: { ...byTag, tags: { line: 'C' } } });

    const sql = 'SELECT device_id, count(power) AS n FROM telemetry GROUP BY ALL ORDER BY n DESC';
    const counted = await api.data('queryData', { body: { sql, time_zone: 'Europe/Berlin' } });
    assert.deepEqual(counted.columns[0], { name: 'device_id', type: 'VARCHAR' });
    assert.ok(counted.rows[0][0] === 'D1' && counted.rows[0][1] > 0);

    const statistics = await api.data('getStatistics', { id: 'D1' });
    assert.ok(statistics.readings > 0 && statistics.fields.power.p50 > 0);
    const latest = await api.data('getLatestReading', { id: 'D1' });
    assert.equal(latest.reading.device_id, 'D1');
    assert.equal(latest.units.power, 'W');
    const several = await api.data('listLatestReadings', { query: { device_type: 'bulb' } });
    assert.ok(several.latest.some(({ device_id: id }) => id === 'D1'));
    await api.call('listLatestReadings', 400, { query: { devices: 'nobody' } });
  });

  it('refuses a live connection as documented', async () => {
    const { contract, platform, api } = tested();
    const refused = (path, token) =>
      new Promise((done, fail) => {
        const url = platform.url.replace('http', 'ws') + path;
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
    for (const [id, path, token, status] of [
      ['streamTelemetry', '/api/data/telemetry/D1/live', 'no.such.token', 401],
      ['streamTelemetry', '/api/data/telemetry/no-such-device/live', api.client.token, 404],
      ['streamAlerts', '/api/alerts/live', 'no.such.token', 401],
      ['streamAlerts', '/api/alerts/live?severity=odd', api.client.token, 400],
    ]) {
      const operation = contract.operation(id);
      const response = await refused(path, token);
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

    const query = { device_id: world.deviceId };
    const lines = (await api.call('downloadDeadLetters', 200, { query })).trim().split('\n');
    assert.equal(lines.length, list.total);
    const replayed = await api.data('replayDeadLetters', { query });
    assert.equal(replayed.refused, list.total);
    const chosen = { ids: exact.id };
    assert.equal((await api.data('replayDeadLetters', { query: chosen })).letters, 1);
    const one = await api.data('replayDeadLetter', { id: exact.id });
    assert.deepEqual([one.letters, one.replayed], [1, 0]);
    assert.equal((await api.data('deleteDeadLetter', { id: exact.id })).purged, 1);
    assert.equal((await api.data('purgeDeadLetters', { query })).purged, list.total - 1);
    assert.equal((await api.data('listDeadLetters', { query })).total, 0);
    const arrivals = await api.data('getDeviceIngest', { id: world.deviceId });
    assert.ok(arrivals.rejected.validation_error > 0);
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
    const found = await api.data('evaluateRule', { id, body: { values: { temperature: 61.5 } } });
    assert.equal(found.holds, true);
    assert.equal(found.conditions[0].reason, 'temperature is 61.5, which is > 55');
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
    const { contract, platform, api, world } = tested();
    const operation = contract.operation('streamAlerts');
    const socket = new WebSocket(platform.url.replace('http', 'ws') + operation.path, [
      'bearer',
      api.client.token,
    ]);
    const changes = [];
    socket.on('message', (data) => changes.push(JSON.parse(data)));
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    assert.equal(socket.protocol, 'bearer');
    contract.seen.get(operation.id).add(101);

    const alert = await world.alert();
    const { id } = alert;
    world.alertId = id;
    assert.equal(alert.rule_id, world.rule.id);
    assert.ok((await api.data('getAlertSummary')).open >= 1);
    const body = { comment: 'Fan ordered.' };
    const taken = await api.data('acknowledgeAlert', { id, body });
    assert.equal(taken.status, 'acknowledged');
    assert.equal(taken.comment, body.comment);
    const { assignees } = await api.data('listAlertAssignees');
    const assignee = assignees[0].id;
    assert.equal((await api.data('assignAlert', { id, body: { assignee } })).assigned_to, assignee);
    assert.ok((await api.data('shelveAlert', { id, body: { minutes: 5 } })).shelved_until);
    const query = { device_id: world.deviceId, assigned_to: assignee, shelved: 'only' };
    assert.equal((await api.data('listAlerts', { query })).total, 1);
    assert.equal((await api.data('unshelveAlert', { id })).shelved_until, null);
    await api.call('unshelveAlert', 409, { id });
    const closed = await api.data('resolveAlert', { id });
    assert.equal(closed.status, 'resolved');
    for (const over of ['acknowledgeAlert', 'resolveAlert']) await api.call(over, 409, { id });
    await api.call('shelveAlert', 409, { id, body: { minutes: 5 } });
    await api.call('assignAlert', 409, { id, body: { assignee } });
    assert.equal((await api.data('reopenAlert', { id })).status, 'open');
    await api.call('reopenAlert', 409, { id });
    const said = await api.data('commentAlert', { id, body: { comment: 'Done.' } });
    const { history, rule, ...detail } = await api.data('getAlert', { id });
    assert.equal(rule.id, world.rule.id);
    assert.deepEqual(detail, said);
    const done = ['raised', 'acknowledged', 'assigned', 'shelved', 'unshelved', 'resolved', 'reopened', 'commented'];
    assert.deepEqual(history.map(({ action }) => action), done);
    const ids = [id, '00000000-0000-4000-8000-000000000000'];
    const bulk = await api.data('actOnAlerts', { body: { action: 'resolve', ids } });
    assert.deepEqual([bulk.changed, bulk.refused], [1, 1]);
    const figures = await api.data('getAlertStatistics', { query: { device_id: world.deviceId } });
    assert.ok(figures.total >= 1 && figures.mean_resolve_s >= 0);

    const ofThis = () => changes.filter((change) => change.alert.id === id);
    await until('each change is told', () => ofThis().length > done.length);
    socket.terminate();
    for (const change of changes) contract.holdSchema('AlertLiveMessage', change);
    assert.deepEqual(ofThis().map(({ change }) => change), [...done, 'resolved']);
  });

  it('tells people, and what became of that', async () => {
    const { contract, api, world } = tested();
    const { id } = world.notification;
    const tried = await until('the test message was tried', async () => {
      const notification = await api.data('getNotification', { id });
      return notification.status === 'failed' && notification;
    });
    assert.ok(tried.last_error);
    const query = { status: 'failed', channel: 'email', kind: 'test' };
    const { notifications } = await api.data('listNotifications', { query });
    assert.ok(notifications.some((one) => one.id === id));
    const again = await api.data('retryNotification', { id });
    assert.equal(again.status, 'pending');
    await until('it was tried again', async () => {
      const notification = await api.data('getNotification', { id });
      return notification.status === 'failed';
    });
    const { channels } = await api.data('listNotificationChannels');
    assert.deepEqual(
      channels.map(({ channel, configured }) => [channel, configured]),
      [
        ['email', true],
        ['whatsapp', false],
        ['telegram', false],
        ['webhook', false],
      ],
    );
    const unknown = { channel: 'telegram', recipient: '42' };
    await api.call('sendTestNotification', 409, { body: unknown });

    const preview = contract.operation('previewNotification').body.example;
    const message = await api.data('previewNotification', { body: preview });
    assert.match(message.subject, /^Hoch: Bulb Overheat/);
    assert.ok(message.html.includes('Bulb 1 &lt;hall&gt;'), message.html);
    const body = { channel: 'telegram', alert_id: world.alertId };
    const ofAlert = await api.data('previewNotification', { body });
    assert.ok(ofAlert.text.includes('Lamp'), ofAlert.text);
    const nobody = { ...body, alert_id: '00000000-0000-4000-8000-000000000000' };
    await api.call('previewNotification', 404, { body: nobody });

    const rule = { id: world.rule.id };
    const { example } = contract.operation('setRuleRecipients').body;
    assert.deepEqual(await api.data('setRuleRecipients', { ...rule, body: example }), example);
    assert.deepEqual(await api.data('getRuleRecipients', rule), example);
    await api.data('setRuleRecipients', { ...rule, body: world.bodyFor({ id: 'setRuleRecipients' }) });

    const own = contract.operation('updateOwnNotificationSettings').body.example;
    assert.deepEqual(await api.data('updateOwnNotificationSettings', { body: own }), own);
    assert.deepEqual(await api.data('getOwnNotificationSettings'), own);
  });

  it('keeps who changed what, in a chain', async () => {
    const { contract, platform, api } = tested();
    const all = await api.data('listAuditEntries', { query: { page_size: 500, sort: 'sequence' } });
    assert.deepEqual(
      all.entries.map(({ sequence }) => sequence),
      all.entries.map((_, index) => index + 1),
    );
    // What the tests above did.
    const done = new Set(all.entries.map(({ action }) => action));
    for (const [resource, ...verbs] of [
      ['device', 'create', 'update', 'delete'],
      ['profile', 'create', 'update', 'delete'],
      ['rule', 'create', 'update', 'delete'],
      ['alert', 'acknowledge', 'resolve', 'reopen', 'shelve', 'unshelve', 'assign', 'comment'],
      ['mqtt_credential', 'issue', 'delete'],
      ['mqtt_rule', 'create', 'delete'],
      ['dead_letter', 'replay'],
      ['notification', 'test', 'retry'],
      ['rule', 'notifications'],
      ['user', 'notifications'],
    ]) {
      for (const verb of verbs) assert.ok(done.has(`${resource}.${verb}`), `${resource}.${verb}`);
    }
    const changed = all.entries.find(({ action }) => action === 'device.update');
    assert.equal(changed.actor, platform.admin.email);
    assert.equal(changed.after.version, changed.before.version + 1);
    const issued = all.entries.filter(({ action }) => action === 'mqtt_credential.issue');
    for (const { before, after } of issued) assert.ok(!/password|secret/.test(JSON.stringify([before, after])));

    const query = { resource_type: 'device', action: 'device.delete' };
    const { total } = await api.data('listAuditEntries', { query });
    const operation = contract.operation('downloadAuditLog');
    const lines = await api.send(operation, { query });
    contract.check(operation, lines);
    assert.equal(lines.text.trimEnd().split('\n').length, total);
    const csv = await api.send(operation, { query: { format: 'csv' } });
    contract.check(operation, csv);
    assert.match(csv.text, /^sequence,time,actor,.*\r\n1,/);
    const verdict = await api.data('verifyAuditLog');
    assert.ok(verdict.sound && verdict.entries >= all.total, verdict.reason);
  });

  it('tells its state', async () => {
    const { api } = tested();
    assert.ok((await api.data('getSystem')).checks.length > 0);
    const { settings } = await api.data('getSettings');
    assert.equal(settings.server.roles[0], 'all');
    for (const id of ['getHealth', 'getReadiness']) await api.call(id, 200, { token: null });
    const metrics = await api.call('getMetrics', 200, { token: null });
    for (const line of metrics.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? \S+)$/);
    }
  });
}
