// `hoist doctor`: its code follows from its findings, and so does what is shown of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../../../scripts/cluster/doctor/doctor.ts';
import { startEngine } from '../../../doubles/k3d-engine.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/doctor/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('where a check fails the code is 3, in every form of output', async ({ invoke, write }) => {
  // No engine answers here.
  const json = await invoke('doctor', ['--provider', 'k3d', '-o', 'json']);
  const { ok, findings, ...rest } = JSON.parse(json.stdout) as Diagnosis & { ok: boolean; type: string };
  assert.equal([json.code, ok, (rest as { type: string }).type], [3, false, 'doctor']);
  const failed = findings.filter(({ status }) => status === 'fail');
  assert.ok(failed.length > 0);
  const text = await invoke('doctor', ['--provider', 'k3d']);
  assert.is(text.code, 3);
  assert.match(text.stdout, /\nk3d: \d+ failures?/);
  const quiet = (await invoke('doctor', ['--provider', 'k3d', '--quiet'])).stdout.trim().split('\n');
  assert.is(quiet.length, failed.length + 1);
  write(
    'kubeconfig',
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'work', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  const existing = await invoke('doctor', ['--provider', 'existing', '--context', 'none']);
  assert.is(existing.code, 3, existing.error);
});

test('what is applied to is named, or refused', async ({ invoke, folder, write }) => {
  assert.is((await invoke('doctor', ['--apply', 'podman'])).error, '--apply must be docker, not "podman"');
  const [file, pid] = [`${folder}/daemon.json`, `${folder}/none.pid`];
  const engine = await startEngine({ kubeconfig: '', apiPort: '1' });
  const env = { DOCKER_HOST: engine.host };
  try {
    write('daemon.json', '{"max-concurrent-downloads": 3}');
    const once = await invoke('doctor', ['--apply', 'docker', '--daemon-json', file, '--daemon-pid', pid], env);
    assert.match(once.stdout, file, once.error);
    const variables = { HOIST_DOCKER_DAEMON_JSON: file, HOIST_DOCKER_PIDFILE: pid };
    const again = await invoke('doctor', ['--apply', 'docker', '-o', 'json'], { ...env, ...variables });
    const applied = JSON.parse(again.stdout) as { type: string; file: string; pending?: string };
    assert.equal([applied.type, applied.file], ['doctor.apply', file]);
    assert.equal([once.code, again.code], [1, applied.pending === undefined ? 0 : 1]);
  } finally {
    await engine.close();
  }
});

test.run();
