// A place whose settings name an existing cluster, which a server of the test's own stands for.

import type { suite } from 'uvu';
import { type Arrived, type KubeServer, answer, startKubeServer, statusObject } from '../doubles/kube-server.ts';
import { type Invoked, type Place, createPlace } from './invoke.ts';

interface ConfigMap {
  metadata: { resourceVersion: string };
  data: object;
}

export interface ExistingPlace extends Place {
  api: KubeServer;
  /** Objects by name, as they were applied. */
  live: Map<string, ConfigMap>;
  /** What the API says to some requests, before all else. */
  say: (arrived: Arrived) => { status: number; body: object } | undefined;
  settings(more?: string): void;
  lines(invoked: Invoked): Record<string, unknown>[];
}

const ANSWERS: Readonly<Record<string, object>> = {
  '/version': { gitVersion: 'v1.34.2' },
  '/api': { versions: ['v1'] },
  '/apis': { groups: [] },
  '/api/v1': { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['list'] }] },
  '/api/v1/nodes': {
    items: [{ metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }],
  },
  '/api/v1/namespaces/default/serviceaccounts': {
    metadata: { resourceVersion: '1' },
    items: [{ metadata: { name: 'default', namespace: 'default' } }],
  },
};

/** Gives each test of a suite such a place. */
export function onExisting(tests: ReturnType<typeof suite<ExistingPlace>>): void {
  tests.before.each(async (context) => {
    const place = createPlace();
    const live = new Map<string, ConfigMap>();
    let revision = 10;
    const api = await startKubeServer((arrived, response) => {
      const { method, path, body, query } = arrived;
      const said = context.say(arrived);
      if (said) return answer(response, said.status, said.body);
      if (/^\/(readyz|livez|healthz)/.test(path)) return answer(response, 200, 'ok');
      if (path.endsWith('reviews')) return answer(response, 201, { status: { allowed: true } });
      if (path in ANSWERS) return answer(response, 200, ANSWERS[path]);
      if (path.endsWith('/configmaps'))
        return answer(response, 200, { metadata: { resourceVersion: String(revision) }, items: [] });
      const name = /\/configmaps\/([^/]+)$/.exec(path)?.[1] ?? '';
      const now = live.get(name);
      if (method === 'PATCH') {
        const { metadata, data } = JSON.parse(body) as ConfigMap;
        if (JSON.stringify(now?.data) !== JSON.stringify(data)) revision += 1;
        const resourceVersion =
          now?.data === undefined || revision > Number(now.metadata.resourceVersion)
            ? String(revision)
            : now.metadata.resourceVersion;
        const made = {
          ...{ apiVersion: 'v1', kind: 'ConfigMap' },
          data,
          metadata: { ...metadata, uid: 'u', resourceVersion },
        };
        if (!query.has('dryRun')) live.set(name, made);
        return answer(response, now ? 200 : 201, made);
      }
      return now ? answer(response, 200, now) : answer(response, 404, statusObject(404, 'NotFound', path));
    });
    const { server, ca = '' } = api.connection;
    place.write(
      'kubeconfig',
      JSON.stringify({
        clusters: [
          { name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
        ],
        users: [{ name: 'me', user: { token: 't' } }],
        contexts: [{ name: 'work', context: { cluster: 'c', user: 'me' } }],
      }),
    );
    Object.assign(context, place, {
      ...{ api, live, say: () => undefined },
      settings: (more = '') =>
        place.write(
          'config/cluster.yaml',
          `name: ext\nprovider: existing\ncontext: work\nkubeconfig: ${place.folder}/kubeconfig\nnamespaces: []\nlogDir: ${place.folder}/logs\n${more}`,
        ),
      lines: ({ stdout }: Invoked) =>
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
    } satisfies Partial<ExistingPlace>);
  });
  tests.after.each(async ({ api, close }) => {
    await api.close();
    close();
  });
}

/** A ConfigMap with one value. */
export const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one, namespace: default }\ndata: { a: "${value}" }\n`;
