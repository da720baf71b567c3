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
  const rest = { env: {}, input: undefined, timeoutMs: 1_000, restart: false, onLine: () => undefined };
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

creation.run();
