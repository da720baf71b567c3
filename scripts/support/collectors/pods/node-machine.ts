// A node as a machine: its files and programs, through a privileged pod that sees its processes and its root.

import { dirname } from 'node:path';
import { HoistError } from '../../../base/errors.ts';
import { collectBounded } from '../../../host/files/bounded.ts';
import { type Exec, ExecError, type ExecResult } from '../../../host/exec.ts';
import type { KubeConnection } from '../../../kube/client/client.ts';
import { execInPod } from '../../../kube/exec/session.ts';
import type { Machine, NetworkInterface } from '../host/machine.ts';

export interface NodePod {
  connection: KubeConnection;
  namespace: string;
  pod: string;
  container: string;
  signal: AbortSignal;
}

/** Where the pod has the node's root. */
export const ROOT = '/host';
/** Bytes of what a command writes, or a file holds. */
const MOST_BYTES = 64 << 20;

interface Said {
  code: number;
  stdout: Buffer;
  stderr: string;
}

async function runIn({ signal, ...pod }: NodePod, command: readonly string[]): Promise<Said> {
  const session = execInPod(pod.connection, { ...pod, command, signal });
  const stderr = collectBounded(session.stderr, MOST_BYTES);
  stderr.catch(() => undefined);
  // What ends the session early is the reason, not the streams that it breaks.
  const stdout = await collectBounded(session.stdout, MOST_BYTES).catch(async (error: unknown) => {
    await session.ended;
    throw error;
  });
  return { code: await session.ended, stdout, stderr: (await stderr).toString('utf8') };
}

/** Runs programs of the node itself, in its namespaces. */
export function nodeExec(pod: NodePod): Exec {
  return async ({ file, args, env = {}, signal }): Promise<ExecResult> => {
    const pairs = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
    const command = [
      ...['nsenter', '-t', '1', '-m', '-u', '-i', '-n', '--'],
      ...(pairs.length > 0 ? ['env', ...pairs] : []),
      file,
      ...args,
    ];
    const { code, stdout, stderr } = await runIn(signal === undefined ? pod : { ...pod, signal }, command);
    const output = { exitCode: code, stdout: stdout.toString('utf8'), stderr };
    if (code === 0) return { ...output, durationMs: 0 };
    const missing = code === 127 || /: (?:can't execute|failed to execute|not found)/i.test(stderr);
    const what = missing ? `${file} was not found on the node` : `${file} ended with code ${code}: ${stderr.trim()}`;
    throw new ExecError(what, { file, ...output, reason: missing ? 'missing' : 'exit' });
  };
}

export function nodeMachine(pod: NodePod): Machine {
  const run = async (...command: string[]): Promise<Buffer> => {
    const { code, stdout, stderr } = await runIn(pod, command);
    if (code !== 0) throw new HoistError(stderr.trim() || `${command[0] ?? ''} ended with code ${code}`);
    return stdout;
  };
  const lines = async (...command: string[]): Promise<string[]> =>
    (await run(...command))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
  // The pod's own /proc and /sys are those of the node: it has its network and its processes.
  const placeOf = (path: string): string => (/^\/(proc|sys)\//.test(path) ? path : `${ROOT}${path}`);
  const exists = async (path: string): Promise<boolean> => (await runIn(pod, ['test', '-e', placeOf(path)])).code === 0;
  return {
    read: (path) => run('cat', placeOf(path)),
    async filesBelow(folder) {
      const top = placeOf(folder);
      if (!(await exists(folder))) return undefined;
      return (await lines('find', top, '-type', 'f')).map((file) => file.slice(top.length + 1));
    },
    exists,
    async system() {
      const [hostname = '', kernel = '', machine = ''] = await Promise.all(
        ['-n', '-r', '-m'].map(async (flag) => (await run('uname', flag)).toString('utf8').trim()),
      );
      return { hostname, kernel, machine };
    },
    async interfaces() {
      const found = new Map<string, NetworkInterface & { addresses: string[] }>();
      for (const line of await lines('ip', '-o', 'addr', 'show')) {
        const [, name = '', address = ''] = /^\d+:\s+(\S+)\s+inet6?\s+(\S+)/.exec(line) ?? [];
        if (name === '' || name === 'lo') continue;
        const known = found.get(name) ?? { name, mac: '', addresses: [] };
        known.addresses.push(address);
        found.set(name, known);
      }
      const inet = [...found.values()].filter(({ addresses }) => addresses.some((one) => !one.includes(':')));
      return Promise.all(
        inet.map(async (one) => ({
          ...one,
          mac: (await run('cat', `/sys/class/net/${one.name}/address`)).toString('utf8').trim(),
        })),
      );
    },
    async connect({ host, port, timeoutMs }) {
      const wait = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
      const { code, stderr } = await runIn(pod, ['nc', '-w', wait, host, String(port), '-e', 'true']);
      return code === 0 ? undefined : stderr.trim() || `nc ended with code ${code}`;
    },
    async disk(path) {
      let at = path;
      while (at !== '/' && !(await exists(at))) at = dirname(at);
      const [numbers = ''] = await lines('stat', '-f', '-c', '%s %b %f', placeOf(at));
      const [size = 0, blocks = 0, free = 0] = numbers.split(' ').map(Number);
      return { used: (blocks - free) * size, total: blocks * size };
    },
  };
}
