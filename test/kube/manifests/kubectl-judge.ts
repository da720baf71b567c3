// What kubectl makes of a manifest file, as the judge of the reader; it needs no server for that.

import { spawnSync } from 'node:child_process';
import { parseExact } from '../../../scripts/kube/manifests/exact-json.ts';

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/** All objects of a file as kubectl decodes them; undefined where it refuses the file. */
export function kubectlReads(file: string): unknown[] | undefined {
  const args = ['patch', '--local', '-f', file, '--type', 'merge', '-p', '{}', '-o', 'json'];
  const { status, stdout } = spawnSync('kubectl', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) return undefined;
  // It prints one object after the other, each beginning and ending at the margin.
  return stdout
    .split(/^(?=\{)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => parseExact(text));
}

/** The value as the API server holds it: its integers have 64 bits, what is larger is a float; there is no -0. */
export function asServer(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return asServer(BigInt(value));
  if (typeof value === 'bigint') return value >= 2n ** 63n || value < -(2n ** 63n) ? Number(value) : `int64 ${value}`;
  if (Array.isArray(value)) return value.map(asServer);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asServer(item)]));
}
