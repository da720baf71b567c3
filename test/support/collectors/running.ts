// Runs one collector by itself, without a plan or a cluster, and keeps what it wrote and said.

import { buffer } from 'node:stream/consumers';
import { ExecError, type Exec, type ExecOptions } from '../../../scripts/host/exec.ts';
import type { Collector, HostReach, Reach, Running } from '../../../scripts/support/collectors/collector.ts';

export interface Ran {
  /** Text of each file by path, in the order in which they were written. */
  files: Record<string, string>;
  notes: string[];
  problems: string[];
  progress: [done: number, total: number | undefined][];
}

interface Options {
  suffix?: string;
  host?: Partial<HostReach>;
  cluster?: Partial<Reach>;
  signal?: AbortSignal;
  /** Where the files go; for what is written before a failure. */
  keep?: Record<string, string>;
}

export async function runCollector(
  collector: Collector,
  spec: Record<string, unknown>,
  { suffix = '', host = {}, cluster, keep = {}, signal = new AbortController().signal }: Options = {},
): Promise<Ran> {
  const ran: Ran = { files: keep, notes: [], problems: [], progress: [] };
  await collector.run({
    item: { kind: 'test', spec, host: false },
    suffix,
    signal,
    host: { env: {}, root: '/', ...host },
    cluster: () => (cluster === undefined ? Promise.reject(new Error('no cluster')) : Promise.resolve(cluster)),
    now: () => new Date('2026-01-02T03:04:05Z'),
    random: () => 0.5,
    note: (text: string) => void ran.notes.push(text),
    problem: (text: string) => void ran.problems.push(text),
    progress: (done: number, total?: number) => void ran.progress.push([done, total]),
    sink: {
      add: async ({ path, content }: { path: string; content: Buffer | NodeJS.ReadableStream }) => {
        ran.files[path] = (Buffer.isBuffer(content) ? content : await buffer(content)).toString('utf8');
      },
    },
  } as unknown as Running);
  return ran;
}

/** Programs that say the same whenever they are asked; each call is kept. */
export function programs(
  answer: (options: ExecOptions) => string | { exitCode: number; stdout?: string; stderr?: string } | undefined,
): { exec: Exec; calls: ExecOptions[] } {
  const calls: ExecOptions[] = [];
  const exec: Exec = (options) => {
    calls.push(options);
    const said = answer(options);
    const { file } = options;
    if (said === undefined) {
      const details = { file, exitCode: undefined, stdout: '', stderr: '', reason: 'missing' } as const;
      return Promise.reject(new ExecError(`${file} was not found`, details));
    }
    const { exitCode, stdout = '', stderr = '' } = typeof said === 'string' ? { exitCode: 0, stdout: said } : said;
    if (exitCode === 0) return Promise.resolve({ exitCode, stdout, stderr, durationMs: 1 });
    return Promise.reject(new ExecError(`${file} failed`, { file, exitCode, stdout, stderr, reason: 'exit' }));
  };
  return { exec, calls };
}
