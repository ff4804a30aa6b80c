// InfluxDB's own client library writes here as it writes there: batches, gzip, precisions, retries.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HttpError, InfluxDB, Point } from '@influxdata/influxdb-client';
import { Platform, until } from './platform.mjs';

// Within the retention, whatever the date.
const kHourAgo = Math.floor(Date.now() / 1000) - 3600;
const instant = (second) => new Date((kHourAgo + second) * 1000).toISOString();
const kDigits = { s: 0, ms: 3, us: 6, ns: 9 };

describe('the client library of InfluxDB', { timeout: 120_000 }, () => {
  let platform;
  let api;
  before(async () => {
    platform = await Platform.start({ args: ['--faults', '0'] });
    api = await platform.login();
  });
  after(() => platform?.close());

  async function createDevice(id) {
    await api.call('POST', '/api/devices', { body: { id, name: id, type: 'influx-test' } });
  }
  async function stored(id) {
    const query = { start: instant(-3600), end: instant(7200), limit: 100000 };
    return (await api.call('GET', `/api/data/telemetry/${id}`, { query })).data.data;
  }
  function writer(precision, options = {}, token = api.token) {
    const client = new InfluxDB({ url: platform.url, token });
    return client.getWriteApi('my-org', 'my-bucket', precision, {
      flushInterval: 0,
      maxRetries: 0,
      ...options,
    });
  }
  const point = (id, second, precision = 's') =>
    new Point('telemetry')
      .tag('device_id', id)
      .floatField('voltage', 230 + second / 1000)
      .intField('pulses', second)
      .booleanField('on', second % 2 === 0)
      .timestamp(`${kHourAgo + second}${'0'.repeat(kDigits[precision])}`);

  it('writes batches, in gzip where they are large', async () => {
    await createDevice('influx-1');
    const writeApi = writer('s', { batchSize: 1000, gzipThreshold: 1000 });
    for (let second = 0; second < 2500; ++second) writeApi.writePoint(point('influx-1', second));
    await writeApi.close();
    // Which waits for the last batch; those before it may still be under way.
    let readings;
    await until('all batches are stored', async () => {
      readings = await stored('influx-1');
      return readings.length === 2500;
    });
    assert.equal(Date.parse(readings[1].timestamp), (kHourAgo + 1) * 1000);
    assert.equal(readings[2499].voltage, 232.499);
    assert.equal(readings[2499].pulses, 2499);
    assert.equal(readings[2499].on, 0);
  });

  it('means the same time in each precision', async () => {
    await createDevice('influx-2');
    for (const precision of Object.keys(kDigits)) {
      const writeApi = writer(precision);
      writeApi.writePoint(point('influx-2', 7, precision));
      await writeApi.close();
    }
    assert.equal((await stored('influx-2')).length, 1);
  });

  it('takes the credentials of a device for a token', async () => {
    await createDevice('influx-3');
    const { data } = await api.call('POST', '/api/devices/influx-3/credentials');
    const writeApi = writer('s', {}, `${data.username}:${data.password}`);
    writeApi.writePoint(point('influx-3', 1));
    await writeApi.close();
    assert.equal((await stored('influx-3')).length, 1);
  });

  it('is told what is wrong in the form it reads', async () => {
    await createDevice('influx-4');
    const refusal = async (write, token) => {
      const writeApi = writer('s', {}, token);
      write(writeApi);
      const error = await writeApi.close().then(() => null, (failure) => failure);
      assert.ok(error instanceof HttpError, String(error));
      return error;
    };
    const text = new Point('m').tag('device_id', 'influx-4').stringField('state', 'on');
    const mixed = await refusal((to) => to.writePoints([point('influx-4', 1), text]));
    assert.equal(mixed.statusCode, 400);
    assert.equal(mixed.code, 'invalid');
    assert.match(mixed.message, /line 2: state is text/);
    assert.equal((await stored('influx-4')).length, 1, 'the good line stays');
    const stranger = await refusal((to) => to.writePoint(point('influx-4', 2)), 'no-token');
    assert.equal(stranger.statusCode, 401);
    assert.equal(stranger.code, 'unauthorized');
    const large = await api.send('POST', '/api/v2/write', { raw: 'x'.repeat((32 << 20) + 1) });
    assert.equal(large.status, 413);
    assert.equal(JSON.parse(large.text).code, 'request too large');
  });

  it('keeps trying while the platform restarts, and loses nothing', async () => {
    await createDevice('influx-5');
    let failures = 0;
    const writeApi = writer('s', {
      maxRetries: 50,
      minRetryDelay: 100,
      maxRetryDelay: 500,
      writeFailed: () => void ++failures,
    });
    await platform.stop();
    for (let second = 0; second < 10; ++second) writeApi.writePoint(point('influx-5', second));
    await writeApi.flush().catch(() => {});
    await until('a write fails', () => failures > 0);
    await platform.launch();
    api = await platform.login();
    await until('all is written', async () => (await stored('influx-5')).length === 10, 30_000);
    await writeApi.close();
  });

  it('is answered where it probes', async () => {
    const ping = await api.send('GET', '/ping', { token: null });
    assert.equal(ping.status, 204);
    assert.match(ping.headers.get('X-Influxdb-Version'), /\d/);
    const health = JSON.parse((await api.send('GET', '/health', { token: null })).text);
    assert.equal(health.status, 'pass');
    assert.ok(health.name);
  });
});
