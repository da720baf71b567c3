// A bundle made against a stand-in for an API server: what a test of collectors asks and gets.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connect } from '../../scripts/kube/client/client.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { exec } from '../../scripts/host/execa.ts';
import { readArchive } from '../../scripts/support/bundle/archive.ts';
import { type BundleInputs, type BundleResult, makeBundle } from '../../scripts/support/make-bundle.ts';
import { planOf } from '../../scripts/support/plan/collect-plan.ts';
import { mergeSpecs } from '../../scripts/support/spec/merge.ts';
import { parseSpec } from '../../scripts/support/spec/parse.ts';
import { type Handler, answer, startKubeServer, statusObject } from '../doubles/kube-server.ts';

export interface Made {
  result: BundleResult;
  /** Text of each file by path; undefined where a link leads nowhere. */
  files: Map<string, string | undefined>;
  /** `GET /path?query` of all requests, in order. */
  requests: string[];
}

type Options = Partial<BundleInputs> & {
  /** Called before the API of every cluster: whether it has answered. */
  handle?: (...args: Parameters<Handler>) => boolean | Promise<boolean>;
};

export const bundleSpec = (body: string): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: b}\nspec:\n${body}`;

/** The bundle that a spec makes of a cluster that has nothing but what `handle` answers. */
export async function bundleOf(spec: string, { handle, ...options }: Options = {}): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), 'collect-test-'));
  const server = await startKubeServer(async (arrived, response) => {
    if (await handle?.(arrived, response)) return;
    await emptyCluster(arrived, response);
  });
  try {
    const { documents } = parseSpec({ name: 'spec.yaml', text: spec });
    const { spec: merged } = mergeSpecs(documents, 'collect');
    const file = join(folder, 'b.tar.gz');
    const result = await makeBundle({
      plan: planOf(merged, { namespace: '' }),
      analyzers: merged.analyzers,
      file,
      access: () =>
        Promise.resolve({
          client: connect(server.connection),
          connection: server.connection,
          namespace: 'default',
          context: 'test',
        }),
      only: undefined,
      redactor: { stream: () => new PassThrough(), buffer: (_path, content) => content },
      analyze: () => Promise.resolve([]),
      host: { exec, env: {}, root: '/' },
      clock: systemClock,
      now: () => new Date('2026-01-02T03:04:05.678Z'),
      random: () => 0.5,
      concurrency: 10,
      timeoutMs: 20_000,
      signal: new AbortController().signal,
      subscribers: [],
      ...options,
    });
    const store = await readArchive(file);
    const files = new Map<string, string | undefined>();
    for (const path of store.list()) files.set(path, (await store.read(path))?.toString('utf8'));
    await store.close();
    const requests = server.arrived.map(({ method, path, query }) => {
      const text = query.toString();
      return `${method} ${path}${text === '' ? '' : `?${text}`}`;
    });
    return { result, files, requests };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const emptyCluster: Handler = ({ method, path, body }, response) => {
  if (path === '/version') answer(response, 200, { major: '1', minor: '34', gitVersion: 'v1.34.2' });
  else if (path.endsWith('selfsubjectaccessreviews')) answer(response, 201, { status: { allowed: true } });
  else if (path.endsWith('selfsubjectrulesreviews')) {
    const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
    answer(response, 201, { status: { resourceRules: [everything], nonResourceRules: [], incomplete: false } });
  } else if (path === '/api') answer(response, 200, { versions: ['v1'] });
  else if (path === '/apis') answer(response, 200, { groups: [] });
  else if (path === '/api/v1') answer(response, 200, { kind: 'APIResourceList', groupVersion: 'v1', resources: [] });
  else if (method === 'GET' && path === '/api/v1/namespaces')
    answer(response, 200, list([{ metadata: { name: 'one' } }, { metadata: { name: 'two' } }]));
  else if (method === 'GET' && /^\/(api|apis)\//.test(path)) answer(response, 200, list([]));
  else answer(response, 404, statusObject(404, 'NotFound', `${path} ${body.slice(0, 20)}`));
};

export const list = (items: readonly object[]): object => ({ kind: 'List', metadata: { resourceVersion: '1' }, items });

/** A pod that runs. */
export function pod(namespace: string, name: string, labels: Record<string, string>, more: object = {}): object {
  return {
    metadata: { namespace, name, uid: `${namespace}-${name}`, labels },
    spec: { containers: [{ name: 'main' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0 }] },
    ...more,
  };
}
