// When a failed run keeps a bundle: only where steps failed and nobody interrupts, and what cannot be written is only said.

import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { keepBundle } from '../../../../scripts/cli/commands/up/failed-bundle.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import type { Prepared } from '../../../../scripts/cluster/prepare-cluster.ts';
import { StepsFailedError } from '../../../../scripts/engine/errors.ts';
import { readTarHeader, tarPadding } from '../../../../scripts/host/files/tar-header.ts';
import { type Wired, wired } from '../../../cluster/wiring.ts';

const test = suite<Wired>('cli/commands/up/failed-bundle');
wired(test);

test('no bundle of other errors, of a run that was interrupted, and where there is no place for it', async (context) => {
  const logDir = context.write('file', '');
  const prepared = { logDir, plan: { cluster: { name: 'dev', provider: 'embedded' } } } as unknown as Prepared;
  const keep = async (error: unknown, isInterrupted = false): Promise<string[]> => {
    const said: string[] = [];
    const stop = new AbortController();
    if (isInterrupted) stop.abort();
    const io = { signal: stop.signal, env: {} } as unknown as Io;
    const run = { io, context: context.wiring, say: (line: string) => void said.push(line) };
    assert.is(await keepBundle(prepared, { run: {} as never, error }, run), undefined);
    return said;
  };
  const failed = new StepsFailedError([]);
  assert.equal(await keep(new CreationError('x')), []);
  assert.equal(await keep(failed, true), []);
  const [warning, ...more] = await keep(failed);
  assert.match(warning ?? '', /^warning: the support bundle of this run could not be written: .*EEXIST/);
  assert.equal(more, []);
});

/** Names and contents of the files in a bundle. */
function filesIn(path: string): Map<string, string> {
  const tar = gunzipSync(readFileSync(path));
  const files = new Map<string, string>();
  for (let at = 0; at < tar.length;) {
    const header = readTarHeader(tar.subarray(at, at + 512));
    if (header === undefined) break;
    const text = tar.toString('utf8', at + 512, at + 512 + header.size);
    files.set(header.name.replace(/^[^/]*\//, ''), text);
    at += 512 + header.size + tarPadding(header.size);
  }
  return files;
}

test('the forty newest logs go in with their ends, and what failed with its reason; no secret does', async (context) => {
  const logs = join(context.folder, 'cluster-logs');
  for (let at = 0; at < 45; at++) {
    const path = context.write(`cluster-logs/${at % 2 === 0 ? 'deep/' : ''}${at}.log`, `line ${at}\n`);
    utimesSync(path, 1_700_000_000 + at, 1_700_000_000 + at);
  }
  context.write('cluster-logs/deep/44.log', `${Array.from({ length: 2_100 }, (_, at) => `long ${at}`).join('\n')}\n`);
  context.provider = { logsFolder: () => logs };
  const logDir = join(context.folder, 'logs');
  const secrets = {
    secrets: [{ name: 's', type: 'Opaque', namespaces: undefined, data: { a: Buffer.from('s3cret-value') } }],
  };
  const prepared = {
    ...{ logDir, secrets, services: { list: [] } },
    plan: { cluster: { name: 'dev', provider: 'embedded' } },
  } as unknown as Prepared;
  const failure = { step: 'api', message: 'it says s3cret-value', lastOutput: ['last'], hint: 'Look.' };
  const said: string[] = [];
  const io = { signal: new AbortController().signal, env: {} } as unknown as Io;
  const file = await keepBundle(
    prepared,
    { run: { outcome: 'failed' } as never, error: new StepsFailedError([failure] as never) },
    { io, context: context.wiring, say: (line) => void said.push(line) },
  );
  assert.equal([file, said], [join(logDir, 'failed-dev.tar.gz'), []]);
  const files = filesIn(file ?? '');
  const kept = [...files.keys()].filter((name) => name.startsWith('host-collectors/cluster-logs/'));
  assert.is(kept.length, 40);
  const at = (n: number): string => `host-collectors/cluster-logs/${n % 2 === 0 ? 'deep/' : ''}${n}.log`;
  assert.equal([files.get(at(5)), files.get(at(4)), files.get(at(43))], ['line 5\n', undefined, 'line 43\n']);
  const long = (files.get(at(44)) ?? '').trim().split('\n');
  assert.equal([long.length, long[0], long.at(-1)], [2_000, 'long 100', 'long 2099']);
  const { failures, run } = JSON.parse(files.get('execution-data/up.json') ?? '{}') as {
    failures: object[];
    run: object;
  };
  assert.equal([failures.length, run], [1, { outcome: 'failed' }]);
  for (const text of files.values()) assert.not.match(text, 's3cret-value');
  assert.ok(files.has('host-collectors/system/cpu.json'));
  assert.not.ok(
    [...files.keys()].some((name) => name.startsWith('cluster-')),
    'there is no kubeconfig yet',
  );
});

test.run();
