// A fleet of emulated spokes for the bench, as a child process.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FleetCluster } from '../../scripts/fleet/targets/types.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { cluster } from '../../test/fleet/world.ts';
import type { EmulatorOptions, KindOf } from './emulator.ts';

export interface Emulator {
  pid: number | undefined;
  clusters(count: number, labels?: (at: number) => Record<string, string>): FleetCluster[];
  /** The kinds that servers have from now on, beside those that every server has. */
  has(kinds: readonly KindOf[]): void;
  stop(): void;
}

export async function startEmulator(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const program = fileURLToPath(new URL('emulator.ts', import.meta.url));
  const given: EmulatorOptions = { latency: 'short', bad: false, kinds: [], ...options };
  const args = ['--import', 'tsx', program, JSON.stringify(given)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = await new Promise<KubeConnection>((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text) as KubeConnection);
    });
  });
  return {
    pid: child.pid,
    clusters: (count, labels = () => ({})) =>
      Array.from({ length: count }, (_, at) =>
        cluster(`s${at}`, { ...connection, server: `${connection.server}/spokes/s${at}` }, labels(at)),
      ),
    has: (kinds) => void child.stdin.write(`${JSON.stringify(kinds)}\n`),
    stop: () => child.stdin.end(),
  };
}
