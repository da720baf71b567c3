// Caches that are made, started or left alone, and put into the network; what cannot be had is one warning for all alike.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import type { ExecOptions } from '../../../../scripts/host/exec.ts';
import { cacheCommands, cacheSteps } from '../../../../scripts/providers/k3d/caches/cache-steps.ts';
import { planCaches } from '../../../../scripts/providers/k3d/caches/caches.ts';
import type { K3dRun } from '../../../../scripts/providers/k3d/run.ts';
import { contextOf, type FakeNode, runOn, withNodes } from '../nodes-engine.ts';

const test = suite('providers/k3d/caches/cache-steps');

interface Given {
  /** Registries with their upstreams. */
  caches: string[];
  /** State of the containers that there are, by registry. */
  there?: Record<string, string>;
  /** Containers in the cluster's network; undefined where there is none. */
  members?: string[];
  /** How k3d ends for a registry. */
  fails?: (args: readonly string[]) => Error | undefined;
}

interface Done {
  steps: { name: string; needs: readonly string[] }[];
  /** Registries of the caches that can be had: before the steps and after them. */
  available: [before: string[], after: string[]];
  warnings: string[];
  progress: { done: number; total?: number | undefined }[];
  /** What was asked of the engine that changes something. */
  changes: string[];
  /** Command lines of k3d. */
  k3d: ExecOptions[];
  commands: string[];
}

const nameOf = (registry: string): string => planCaches([registry])[0]?.container ?? '';

async function steps({ caches, there = {}, members, fails = () => undefined }: Given): Promise<Done> {
  const nodes = Object.entries(there).map(([registry, state]): FakeNode => ({
    name: nameOf(registry),
    role: 'registry',
    state,
  }));
  const containers = (members ?? []).map((registry, at) => [
    String(at),
    { Name: nameOf(registry), IPv4Address: '1.2.3.4/16' },
  ]);
  const network = {
    Id: '1',
    Name: 'k3d-dev',
    Labels: {},
    IPAM: {},
    Containers: Object.fromEntries(containers) as object,
  };
  const done: Done = { steps: [], available: [[], []], warnings: [], progress: [], changes: [], k3d: [], commands: [] };
  await withNodes(
    nodes,
    async (engine, _commands, asked) => {
      const run: K3dRun = {
        ...runOn(engine),
        ...{ caches: planCaches(caches), env: { K: 'v' }, k3d: () => Promise.resolve('/bin/k3d') },
        exec(options: ExecOptions) {
          done.k3d.push(options);
          const error = fails(options.args);
          return error
            ? Promise.reject(error)
            : Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 0 });
        },
      };
      done.commands = (await cacheCommands(run)).map(({ file, args }) => [file, ...args].join(' '));
      const made = await cacheSteps(run, { needs: ['pull'], network: ['network'] });
      const known = (): string[] => made.available().map(({ registry }) => registry);
      done.available[0] = known();
      const context = {
        ...contextOf(),
        warn: (text: string) => void done.warnings.push(text),
        progress: (one: Done['progress'][number]) => void done.progress.push(one),
      } as unknown as StepContext;
      for (const step of made.steps) {
        done.steps.push({ name: step.name, needs: step.needs ?? [] });
        await step.run(context);
      }
      done.available[1] = known();
      done.changes = asked.filter((line) => !line.startsWith('GET'));
    },
    (method, { pathname }) => {
      if (pathname === '/networks/k3d-dev' && members !== undefined) return network;
      return method === 'POST' ? {} : undefined;
    },
  );
  return done;
}

const [A, B, C] = ['a.example=http://up-a:5000', 'b.example=http://up-b:5000', 'c.example=http://up-c:5000'] as const;
const [a, b, c] = ['a.example', 'b.example', 'c.example'] as const;

test('without caches there is nothing to do', async () => {
  const { steps: none, commands, available } = await steps({ caches: [] });
  assert.equal([none, commands, available], [[], [], [[], []]]);
});

test('what is missing is made, what has ended is started, what runs is left alone', async () => {
  const done = await steps({ caches: [A, B, C], there: { [b]: 'exited', [c]: 'running' }, members: [c] });
  assert.equal(done.steps, [
    { name: 'caches', needs: ['pull'] },
    { name: 'caches/join', needs: ['caches', 'network'] },
  ]);
  assert.equal([done.available[0], [...done.available[1]].sort()], [[c], [a, b, c]]);
  const [made, ...more] = done.k3d;
  assert.equal(more, []);
  assert.equal(made?.args, [
    ...['registry', 'create', 'hoist-cache-a-example', '--no-help', '--image', 'docker.io/library/registry:2'],
    ...['--port', '127.0.0.1:random', '--proxy-remote-url', 'http://up-a:5000'],
    ...['--volume', 'hoist-cache-a-example:/var/lib/registry'],
  ]);
  assert.equal([made?.file, made?.env, made?.timeoutMs], ['/bin/k3d', { K: 'v' }, 60_000]);
  assert.ok(done.changes.some((line) => line.startsWith(`POST /containers/${nameOf(b)}/start`)));
  assert.match(done.changes.find((line) => line.includes('/volumes/create')) ?? '', '"hoist.kind":"cache"');
  const joined = done.changes.filter((line) => line.includes('/connect'));
  assert.equal(joined.map((line) => /"Container":"([^"]+)"/.exec(line)?.[1]).sort(), [nameOf(a), nameOf(b)]);
  assert.equal(
    done.progress.map(({ done: n, total }) => [n, total]),
    [
      [1, 2],
      [2, 2],
    ],
  );
  assert.is(done.commands.length, 1, 'those that exist are not created');
  assert.match(done.commands[0] ?? '', /^k3d registry create hoist-cache-a-example /);
});

test('caches that run and are in the network need no step; out of it, they are only joined', async () => {
  const there = { [a]: 'running' };
  assert.equal((await steps({ caches: [A], there, members: [a] })).steps, []);
  assert.equal((await steps({ caches: [A], there, members: [] })).steps, [{ name: 'caches/join', needs: ['network'] }]);
  assert.equal((await steps({ caches: [A], there })).steps, [{ name: 'caches/join', needs: ['network'] }]);
});

test('one that cannot be had is no failure: it is named, with all that fail alike, and not joined', async () => {
  const unresolved = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const later = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
  const done = await steps({
    caches: [A, B, C],
    fails: (args) =>
      args.includes('http://up-a:5000') ? unresolved : args.includes('http://up-b:5000') ? later : undefined,
  });
  assert.equal(done.available, [[], [c]]);
  assert.is(done.warnings.length, 1);
  assert.match(
    done.warnings[0] ?? '',
    /^no cache for [ab]\.example, [ab]\.example: the names of their registries do not/,
  );
  assert.is(done.changes.filter((line) => line.includes('/connect')).length, 1);
  const other = await steps({ caches: [A], fails: () => new Error('no space') });
  assert.equal(other.warnings, [`no cache for ${a}: no space`]);
});

test.run();
