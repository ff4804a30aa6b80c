// Schemathesis, a property-based tester that others wrote, against the running program and its document:
// no server error, and no answer outside the document. ./dev e2e installs it where it can.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { kRoot, Platform } from './platform.mjs';

const kTester = process.env.SCHEMATHESIS ?? join(kRoot, 'build', 'oracles', 'bin', 'schemathesis');
const kSeed = process.env.E2E_SEED ?? '20260207';
const kExamples = process.env.E2E_SCHEMATHESIS ?? '8';
const kLimitMs = 180_000;

// Ends the session of the other requests, locks the account, or is no plain HTTP.
const kLeftOut = ['login', 'logout', 'refreshSession', 'streamTelemetry', 'streamAlerts'];

const kChecks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

function run(platform) {
  const args = [
    ...['run', `${platform.url}/api/openapi.json`, '--url', platform.url],
    ...['--header', `Authorization: Bearer ${platform.token}`],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', kExamples, '--seed', kSeed],
    ...['--checks', kChecks.join(','), '--generation-database', 'none', '--no-color'],
    ...['--warnings', 'off', '--continue-on-failure'],
    ...kLeftOut.flatMap((id) => ['--exclude-operation-id', id]),
  ];
  // It keeps what it finds in the folder where it runs.
  const options = { cwd: platform.folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: kLimitMs };
  const child = spawn(kTester, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output = (output + text).slice(-100_000);
    });
  }
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done({ code, output }));
  });
}

describe(
  'schemathesis finds nothing',
  { skip: existsSync(kTester) ? false : `there is no ${kTester}`, timeout: kLimitMs + 60_000 },
  () => {
    let platform;
    before(async () => {
      platform = await Platform.start({
        args: ['--faults', '0'],
        env: { ENERGY_AUTH__BCRYPT_COST: '4' },
      });
      platform.token = (await platform.login()).token;
    });
    after(() => platform?.close());

    it('no server error and no undocumented answer', async () => {
      const { code, output } = await run(platform);
      assert.equal(code, 0, output);
    });
  },
);
