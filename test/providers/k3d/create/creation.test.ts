import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectDocker } from '../../../../scripts/docker/client.ts';
import { type Exec, ExecError } from '../../../../scripts/host/exec.ts';
import { startCreation } from '../../../../scripts/providers/k3d/create/creation.ts';
import { startEngine } from '../../../doubles/k3d-engine.ts';

const creation = suite('one run of k3d');
const NODE = 'k3d-dev-server-0';
const FATAL = 'time="2026-11-22T11:10:36Z" level=fatal msg="kubelet exited: exit status 2"';

creation('a node that ends is heard, also where k3d gives up at the same moment', async () => {
  const double = await startEngine({ kubeconfig: '', apiPort: '1' });
  const engine = connectDocker({ host: double.host, source: 'test' });
  const post = (path: string, body: object) => engine.json({ method: 'POST', path, body });
  await post('/double/container', { name: NODE, labels: { app: 'k3d', 'k3d.role': 'server' } });
  await post('/double/start', { name: NODE, lines: [FATAL] });
  const exec: Exec = ({ onLine }) => {
    onLine?.(`time="2026-11-22T11:10:36Z" level=info msg="Starting node '${NODE}'"`, 'stdout');
    const details = { file: 'k3d', exitCode: 1, stdout: '', stderr: '', reason: 'exit' } as const;
    return Promise.reject(new ExecError('k3d ended with code 1', details));
  };
  const { signal } = new AbortController();
  const command = { file: 'k3d', args: [] };
  const rest = { env: {}, input: undefined, silenceMs: 1_000, restart: false, onLine: () => undefined };
  try {
    await startCreation(engine, exec, { command, signal, ...rest }).done;
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, `k3s ended on ${NODE}: ${FATAL}`);
  } finally {
    engine.close();
    await double.close();
  }
});

/** Runs a k3d that says these lines, each after its pause in ms, and then nothing more. */
async function runSaying(lines: readonly [pauseMs: number, text: string][], silenceMs: number): Promise<string> {
  const double = await startEngine({ kubeconfig: '', apiPort: '1' });
  const engine = connectDocker({ host: double.host, source: 'test' });
  const exec: Exec = async ({ onLine, signal }) => {
    const details = { file: 'k3d', exitCode: undefined, stdout: '', stderr: '', reason: 'cancelled' } as const;
    const pause = async (ms: number): Promise<void> => {
      await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {
        throw new ExecError('k3d was cancelled', details);
      });
    };
    for (const [ms, text] of lines) {
      await pause(ms);
      if (text === 'end') return { exitCode: 0, stdout: '', stderr: '', durationMs: 0 };
      if (text === 'fail') throw new ExecError('k3d ended with code 1', { ...details, exitCode: 1, reason: 'exit' });
      const [, level = 'info', word = text] = /^(error|fatal|warning|info):(.*)$/.exec(text) ?? [];
      onLine?.(`time="2026-11-22T11:10:36Z" level=${level} msg="${word}"`, 'stdout');
    }
    await pause(60_000);
    throw new Error('nobody has ended it');
  };
  const inputs = { command: { file: 'k3d', args: [] }, env: {}, input: undefined, restart: false };
  try {
    const { signal } = new AbortController();
    await startCreation(engine, exec, { ...inputs, silenceMs, signal, onLine: () => undefined }).done;
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    engine.close();
    await double.close();
  }
}

creation('a slow k3d has its time again with each word, and all of it while an image is pulled', async () => {
  const words = Array.from({ length: 8 }, (_, i): [number, string] => [120, `Creating node ${i}`]);
  assert.is(
    await runSaying([...words, [0, "Pulling image 'x:1'"], [900, 'Starting servers...'], [0, 'end']], 600),
    'done',
  );
});

creation('one that says nothing more is given up, with its last word', async () => {
  const message = await runSaying([[0, 'Prep: Network'], [0, 'Injecting records']], 150); // prettier-ignore
  assert.is(message, 'k3d has said nothing for 0.15 s after "Injecting records"');
});

creation(
  'of a k3d that fails its own errors are told, but not the one that says no more than that it failed',
  async () => {
    const line = (level: string, text: string): [number, string] => [0, `${level}:${text}`];
    const failed = async (lines: [number, string][]): Promise<string> => runSaying([...lines, [0, 'fail']], 5_000);
    assert.is(
      await failed([line('error', 'first'), line('warning', 'odd'), line('fatal', 'last'), line('info', 'word')]),
      'k3d: first; last',
    );
    assert.is(
      await failed([line('fatal', 'Cluster creation FAILED, all changes have been rolled back!')]),
      'k3d ended with code 1',
    );
    assert.is(await failed([line('warning', 'odd')]), 'k3d ended with code 1');
  },
);

creation('one more run is made where its obstacle is gone, and only of a failure that was understood', async () => {
  const double = await startEngine({ kubeconfig: '', apiPort: '1' });
  const engine = connectDocker({ host: double.host, source: 'test' });
  const { signal } = new AbortController();
  const details = { file: 'k3d', exitCode: 1, stdout: '', stderr: '', reason: 'exit' } as const;
  /** @param ends how each run ends; the last of them well where there are fewer */
  const runs = async (
    ends: readonly Error[],
    answer?: boolean,
  ): Promise<[made: number, asked: number, end: string]> => {
    let made = 0;
    let asked = 0;
    const exec: Exec = () => {
      const error = ends[made++];
      return error ? Promise.reject(error) : Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 0 });
    };
    const inputs = { command: { file: 'k3d', args: [] }, env: {}, input: undefined, silenceMs: 5_000, restart: false };
    const retry = (): Promise<boolean> => Promise.resolve(++asked > 0 && answer === true);
    const whole = { ...inputs, signal, onLine: () => undefined, ...(answer === undefined ? {} : { retry }) };
    const end = await startCreation(engine, exec, whole).done.then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );
    return [made, asked, end];
  };
  const failure = (): Error => new ExecError('k3d ended with code 1', details);
  try {
    assert.equal(await runs([], true), [1, 0, 'done']);
    assert.equal(await runs([failure()], true), [2, 1, 'done']);
    assert.equal(await runs([failure(), failure()], true), [2, 1, 'k3d ended with code 1']);
    assert.equal(await runs([failure()], false), [1, 1, 'k3d ended with code 1']);
    assert.equal(await runs([failure()]), [1, 0, 'k3d ended with code 1']);
  } finally {
    engine.close();
    await double.close();
  }
});

creation.run();
