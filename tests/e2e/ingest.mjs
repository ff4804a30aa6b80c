// Writing readings over HTTP: JSON, and line protocol as clients of InfluxDB send it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';

const kFields = 'voltage=230,current=0.5,power=115,temperature=40';

// Within the retention, whatever the date.
const kHourAgo = Math.floor(Date.now() / 1000) - 3600;

/** `tested()` gives { contract, platform, api, world } once the program runs. */
export function ingestTests(tested) {
  it('takes readings in JSON with a result for each', async () => {
    const { api, world } = tested();
    const id = world.deviceId;
    const reading = (second, voltage = 230) => ({
      timestamp: new Date((kHourAgo + second) * 1000).toISOString(),
      ...{ voltage, current: 0.5, power: 115, temperature: 40 },
    });
    assert.deepEqual((await api.data('postReadings', { id, body: reading(1) })).results, [
      { status: 'accepted' },
    ]);
    const body = [reading(2), reading(3, 300), { ...reading(4), device_id: id }];
    const mixed = await api.data('postReadings', { id, body });
    assert.deepEqual([mixed.accepted, mixed.rejected], [2, 1]);
    assert.match(mixed.results[1].detail, /voltage is 300/);
    const bad = await api.call('postReadings', 400, { id, body: [reading(5, 300)] });
    assert.match(bad.error.details['readings[0]'], /voltage is 300/);
    await api.call('postReadings', 404, { id: 'no-such-device', body: reading(1) });
    await api.call('postReadings', 401, { id, body: reading(1), token: null });
    await api.call('postReadings', 403, {
      id: 'D1',
      body: reading(1),
      token: null,
      headers: { Authorization: basic(world.credentials) },
    });
  });

  it('takes line protocol as InfluxDB does', async () => {
    const { api, world } = tested();
    const line = (id, seconds) => `m,device_id=${id} ${kFields} ${kHourAgo + seconds}`;
    const query = { precision: 's' };
    for (const operation of ['writeLines', 'writeLinesV1']) {
      const good = [line(world.deviceId, 60), line('D1', 60)].join('\n');
      await api.call(operation, 204, { raw: good, query });
      const headers = { 'Content-Encoding': 'gzip', Authorization: `Token ${api.client.token}` };
      await api.call(operation, 204, { raw: gzipSync(good), query, headers });
      const { username, password } = world.credentials;
      const own = { token: null, headers: { Authorization: `Token ${username}:${password}` } };
      await api.call(operation, 204, { raw: line(world.deviceId, 61), query, ...own });
      const forbidden = await api.call(operation, 403, { raw: line('D1', 61), query, ...own });
      assert.match(forbidden.message, /line 1: .*'D1'/);
      const partial = `${line(world.deviceId, 62)}\n${line('ghost', 62)}\nnonsense`;
      const refused = await api.call(operation, 400, { raw: partial, query });
      assert.match(refused.message, /^partial write: line 2: no device 'ghost'.*line 3: .*dropped=2/);
      assert.equal(refused.error, refused.message);
      await api.call(operation, 400, { raw: good, query: { precision: 'h' } });
      await api.call(operation, 401, { raw: good, query, token: null });
      const large = await api.call(operation, 413, { raw: '#'.repeat((32 << 20) + 1), query });
      assert.equal(large.code, 'request too large');
    }
    const { username: u, password: p } = world.credentials;
    const v1 = { ...query, u, p, db: 'telegraf' };
    await api.call('writeLinesV1', 204, { raw: line(world.deviceId, 63), query: v1, token: null });
    await api.call('ping', 204, { token: null });
    // The letters of this test are nobody else's business.
    await api.data('purgeDeadLetters');
  });
}

function basic({ username, password }) {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
