// What a step of the user prints reaches neither terminal, JSON nor record where it is secret.

import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HIDDEN } from '../../scripts/base/redact/redactor.ts';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { buildRecord } from '../../scripts/records/record.ts';
import { maskSecrets, redactedValue, redacting } from '../../scripts/cli/redaction.ts';
import { openScreen } from '../../scripts/cli/screen.ts';
import type { ClusterContext } from '../../scripts/context.ts';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import { type Bench, createBench } from '../services/custom/workbench.ts';

const redaction = suite<{ bench: Bench }>('cli: the redactor', { bench: undefined as unknown as Bench });

redaction.before.each((context) => {
  context.bench = createBench();
});
redaction.after.each(({ bench }) => bench.close());

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
const KNOWN = 'correct horse "battery"';
const TRACES = [
  'hunter2x',
  KEY,
  'horse',
  Buffer.from(KNOWN).toString('base64').slice(4, 20),
  'Tr0ub4dor',
  'ghp_abcdefghij',
];

/** A stream that keeps what is written to it. */
function sink(): { stream: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

for (const output of ['text', 'json'] as const) {
  redaction(`an own step prints secrets: ${output}`, async ({ bench }) => {
    maskSecrets([KNOWN]);
    bench.write(
      'steps/leak.ts',
      `export default { async run({ $, log, note, warn }) {
        log('DB_PASSWORD=hunter2x');
        log('-----BEGIN PRIVATE KEY-----'); log('${KEY}'); log('-----END PRIVATE KEY-----');
        log(${JSON.stringify(KNOWN)}); log(${JSON.stringify(JSON.stringify({ it: KNOWN }))});
        log(Buffer.from(${JSON.stringify(KNOWN)}).toString('base64'));
        note('see http://ann:Tr0ub4dor@proxy:8080'); warn('ghp_abcdefghijklmnopqrstuvwxyz0123456789');
        log('the end');
        throw new Error('login failed: {"password":"hunter2x"}');
      } };\n`,
    );
    const [stdout, stderr] = [sink(), sink()];
    const context = { env: {}, clock: systemClock, now: () => new Date(0) } as unknown as ClusterContext;
    const io = {
      env: {},
      cwd: bench.folder,
      stdout: stdout.stream,
      stderr: stderr.stream,
      signal: new AbortController().signal,
    };
    const screen = await openScreen({ output, quiet: false, verbose: true }, io, context);
    const recorded: EngineEvent[] = [];
    const subscribers = [screen.renderer.onEvent, redacting((event) => void recorded.push(event))];
    const { run, error } = await bench.play({ run: { subscribers } });
    screen.renderer.close();
    screen.say(`a note: ${KNOWN}`);
    const failures = error instanceof StepsFailedError ? error.errors : [];
    assert.is(failures.length, 1);
    const verdicts = { done: 'is ready', failed: 'is not ready' };
    screen.conclude({
      subject: 'cluster dev',
      verdicts,
      run,
      facts: [['address', 'https://127.0.0.1:6443']],
      failures,
    });
    const record = buildRecord({ ...RECORD, run, error: String(error), secretValues: [KNOWN] });
    const all = [stdout.text(), stderr.text(), JSON.stringify(recorded), JSON.stringify(record)];
    for (const text of all) for (const trace of TRACES) assert.not.ok(text.includes(trace), `${trace} in ${text}`);
    assert.ok(JSON.stringify(recorded).includes('proxy:8080'), 'the host of a URL stays');
    const shown = stdout.text() + stderr.text();
    assert.ok(shown.includes(HIDDEN));
    for (const kept of ['DB_PASSWORD=', 'the end', 'login failed']) assert.ok(shown.includes(kept), kept);
  });
}

const RECORD = {
  tool: 'up',
  subject: { kind: 'cluster', name: 'dev' },
  startedAt: new Date(0),
  outcome: 'failed',
  exitCode: 5,
  planHash: 'x',
  durationMs: 1,
  settings: {},
  plan: {},
  system: {},
  versions: {},
} as unknown as Parameters<typeof buildRecord>[0];

redaction('what holds nothing secret is the same object', () => {
  const event = { type: 'step-progress', atMs: 1, step: 'a', progress: { done: 1, total: 2 } };
  assert.is(redactedValue(event), event);
  const list = [event, { a: ['x', { b: 'password=hunter2' }] }];
  assert.equal(redactedValue(list), [event, { a: ['x', { b: `password=${HIDDEN}` }] }]);
});

redaction.run();
