import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';

export const kRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const kProgram = resolve(
  kRoot,
  process.env.ENERGY_PLATFORM || join('build', 'release', 'energy-platform'),
);
// All clients of the tests have one address and ask more than a person would.
const kUnlimited = {
  ENERGY_LIMITS__ENABLED: 'false',
  ENERGY_AUTH__LOGIN_FREE_FAILURES_PER_ADDRESS: '0',
};
const kStartMs = 60_000;
const kStopMs = 15_000;
const kKeptLog = 64 * 1024;

/** Asks `probe` until it answers something true, which is returned. What it throws counts as no. */
export async function until(what, probe, timeout = 15_000) {
  const deadline = Date.now() + timeout;
  for (;;) {
    let failure;
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`not within ${timeout} ms: ${what}`, { cause: failure });
    }
    await delay(50);
  }
}

const kRunning = new Set();

// Whatever ends this process ends the programs that it started, and removes what they wrote.
process.on('exit', () => {
  for (const platform of kRunning) platform.destroy();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

/** The program under test, in a temporary folder of its own. */
export class Platform {
  #process = null;
  #ended = null;
  #log = '';
  #options;
  folder = mkdtempSync(join(tmpdir(), 'energy-e2e-'));

  /** `args` follow `demo`; `env` is added to this process's environment. */
  static async start({ args = [], env = {} } = {}) {
    const platform = new Platform({ args, env });
    kRunning.add(platform);
    try {
      await platform.launch();
    } catch (error) {
      platform.destroy();
      throw error;
    }
    return platform;
  }

  constructor(options) {
    this.#options = options;
  }

  get #endpointsFile() {
    return join(this.folder, 'endpoints.json');
  }

  /** Starts the program and waits until it serves; again on the same ports after stop(). */
  async launch() {
    if (!existsSync(kProgram)) {
      throw new Error(`there is no program at ${kProgram}: build it, or set ENERGY_PLATFORM`);
    }
    rmSync(this.#endpointsFile, { force: true });
    const http = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const broker = this.mqtt ?? '127.0.0.1:0';
    const child = spawn(
      kProgram,
      ['demo', '--data-dir', this.folder, '--http', http, '--mqtt', broker, ...this.#options.args],
      { env: { ...process.env, ...kUnlimited, ...this.#options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    this.#ended = new Promise((done) => {
      child.once('exit', (code, signal) => done({ code, signal }));
      child.once('error', (error) => done({ code: null, signal: String(error) }));
    });
    const keep = (text) => {
      this.#log = (this.#log + text).slice(-kKeptLog);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);

    let early = null;
    this.#ended.then((end) => {
      early = end;
    });
    const endpoints = await until(
      'the program is ready',
      () => early ?? JSON.parse(readFileSync(this.#endpointsFile, 'utf8')),
      kStartMs,
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.#log}`);
    });
    if (early) {
      throw new Error(`the program ended early: ${JSON.stringify(early)}\n${this.#log}`);
    }
    this.url = endpoints.http;
    this.mqtt = endpoints.mqtt;
    this.admin = JSON.parse(readFileSync(join(this.folder, 'admin-credentials.json'), 'utf8'));
  }

  /** Starts the program again on the same ports, with more in its environment. */
  async relaunch(env) {
    await this.stop();
    this.#options = { ...this.#options, env: { ...this.#options.env, ...env } };
    await this.launch();
  }

  /** Ends the program as Ctrl-C does. Fails unless it ends by itself, with code 0. */
  async stop() {
    const child = this.#process;
    if (!child) return;
    this.#process = null;
    child.kill('SIGINT');
    const late = new AbortController();
    const end = await Promise.race([
      this.#ended,
      delay(kStopMs, { code: null, signal: 'none' }, { signal: late.signal }),
    ]);
    late.abort();
    if (end.code !== 0) {
      child.kill('SIGKILL');
      throw new Error(`SIGINT ended the program with ${JSON.stringify(end)}\n${this.#log}`);
    }
  }

  /** Stops the program and removes its folder, even when it does not stop as it should. */
  async close() {
    try {
      await this.stop();
    } finally {
      this.destroy();
    }
  }

  destroy() {
    this.#process?.kill('SIGKILL');
    this.#process = null;
    kRunning.delete(this);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** A REST client that is logged in as the admin. */
  async login() {
    const client = new Client(this.url);
    const { data } = await client.call('POST', '/api/auth/login', { body: this.admin });
    client.token = data.token;
    return client;
  }

  /** Publishes with QoS 1 as a device; resolves when the broker has acknowledged all of it. */
  async publish(credentials, payloads) {
    const client = await mqtt.connectAsync(`mqtt://${this.mqtt}`, {
      username: credentials.username,
      password: credentials.password,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
    });
    try {
      await Promise.all(
        payloads.map((payload) =>
          client.publishAsync(
            credentials.topic,
            typeof payload === 'string' || Buffer.isBuffer(payload)
              ? payload
              : JSON.stringify(payload),
            { qos: 1 },
          ),
        ),
      );
    } finally {
      await client.endAsync();
    }
  }
}

/** A reading within the ranges of the profile `bulb`. */
export function bulbReading(deviceId, time, { temperature = 36, load = 1 } = {}) {
  const voltage = 230;
  const current = Number((0.45 * load).toFixed(3));
  return {
    device_id: deviceId,
    timestamp: new Date(time).toISOString(),
    voltage,
    current,
    power: Number((voltage * current).toFixed(2)),
    temperature: Number(temperature.toFixed(2)),
  };
}

/** A thin REST client: what went over the wire, unjudged. */
export class Client {
  token = null;

  constructor(url) {
    this.url = url;
  }

  /** `token`: another than this client's; null for none. `raw`: a body that is sent as it is. */
  async send(method, path, { query, body, raw, headers = {}, token = this.token } = {}) {
    const parameters = query ? `?${new URLSearchParams(query)}` : '';
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path + parameters, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      body: content,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
    });
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      request: `${method} ${path}${parameters}`,
    };
  }

  /** The envelope of a request that must succeed. */
  async call(method, path, options) {
    const { status, text, request } = await this.send(method, path, options);
    if (status < 200 || status > 299) throw new Error(`${request}: ${status} ${text}`);
    return JSON.parse(text);
  }
}
