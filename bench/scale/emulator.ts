// A program: emulated spokes with states of their own, in a process apart from the one that is measured. Ends with its stdin.

import { createInterface } from 'node:readline';
import { answer, statusObject, type Arrived } from '../../test/doubles/kube-server.ts';
import { type Spokes, startSpokes } from '../../test/doubles/spokes.ts';

/** Hive's own draw, taken by its authors from production: mean 55.3 ms. */
export const hiveLatencies: readonly number[] = [27, 27, 27, 27, 27, 45, 45, 45, 53, 230];

export interface KindOf {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

export interface EmulatorOptions {
  /** Latency of each write: hive's draw, or 5 ms. */
  latency: 'hive' | 'short';
  /** 5 % of the spokes never answer, 5 % take 1 s for each request, 1 % answer 429. */
  bad: boolean;
  /** What discovery says, beside what every server has. */
  kinds: readonly KindOf[];
}

export type Health = 'dead' | 'slow' | 'throttling' | 'healthy';

/** @param spoke `s` and a number */
export function healthOf(spoke: string, bad: boolean): Health {
  const at = Number(spoke.slice(1)) % 100;
  if (!bad) return 'healthy';
  return at < 5 ? 'dead' : at < 10 ? 'slow' : at === 10 ? 'throttling' : 'healthy';
}

function discovery(kinds: readonly KindOf[]): object {
  const items = kinds.map(({ group, version, kind, plural, namespaced }) => ({
    metadata: { name: group },
    versions: [
      {
        version,
        resources: [{ resource: plural, scope: namespaced ? 'Namespaced' : 'Cluster', responseKind: { kind } }],
      },
    ],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(out, key);
    else out[key] = merge(out[key], value);
  }
  return out;
}

/** What sets patch is there on every cluster, and keeps what it was patched to. */
class Patched {
  readonly #objects = new Map<string, unknown>();

  answer(spoke: string, { method, path, body, headers }: Arrived): unknown {
    const key = `${spoke} ${path}`;
    const before = this.#objects.get(key) ?? { metadata: { name: path.split('/').at(-1) ?? '', resourceVersion: '1' } };
    if (method === 'GET') return before;
    const isMerge = headers['content-type'] === 'application/merge-patch+json';
    const after = isMerge ? merge(before, JSON.parse(body)) : before;
    this.#objects.set(key, merge(after, { metadata: { resourceVersion: String(Math.random()) } }));
    return this.#objects.get(key);
  }
}

async function start({ latency, bad, kinds }: EmulatorOptions): Promise<Spokes> {
  const patched = new Patched();
  const draw = (): number => hiveLatencies[Math.floor(Math.random() * hiveLatencies.length)] ?? 0;
  return startSpokes({
    latency(spoke, method) {
      if (healthOf(spoke, bad) === 'slow') return 1_000;
      // Lists are served from memory; each write draws.
      return latency === 'hive' && method === 'PATCH' ? draw() : 5;
    },
    intercept(spoke, arrived, response) {
      const health = healthOf(spoke, bad);
      if (health === 'dead') return true;
      if (health === 'throttling') {
        answer(response, 429, statusObject(429, 'TooManyRequests', 'later'), { 'retry-after': '1' });
        return true;
      }
      const path = arrived.path.replace(/^\/spokes\/[^/]+/, '');
      if (path === '/api' || path === '/apis') answer(response, 200, discovery(path === '/api' ? [] : kinds));
      else if (isPatched(arrived, path)) answer(response, 200, patched.answer(spoke, arrived));
      else return false;
      return true;
    },
  });
}

/** The path of one object. */
const NAMED = /\/namespaces\/[^/]+\/[^/]+\/[^/]+$|^\/api\/v1\/[^/]+\/[^/]+$|^\/apis\/[^/]+\/[^/]+\/[^/]+\/[^/]+$/;

/** A patch of a set, or the look before it: objects that are applied are neither read one by one nor merged. */
function isPatched({ method, headers }: Arrived, path: string): boolean {
  if (method === 'PATCH') return headers['content-type'] !== 'application/apply-patch+yaml';
  return method === 'GET' && NAMED.test(path);
}

const [, program = '', given] = process.argv;
if (program.endsWith('emulator.ts') && given !== undefined) {
  const options = JSON.parse(given) as EmulatorOptions;
  const kinds = [...options.kinds];
  const spokes = await start({ ...options, kinds });
  process.stdout.write(`${JSON.stringify(spokes.connection)}\n`);
  // Each line: the kinds from now on.
  createInterface({ input: process.stdin })
    .on('line', (line) => kinds.splice(0, kinds.length, ...(JSON.parse(line) as KindOf[])))
    .on('close', () => process.exit(0));
}
