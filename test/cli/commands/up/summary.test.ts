// `hoist up`, `status`, `diff` and `down` of an existing cluster, in this process: what each says at its end, and its code.

import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arrived, answer, statusObject, startKubeServer, type KubeServer } from '../../../doubles/kube-server.ts';
import { type Invoked, type Place, createPlace } from '../../invoke.ts';

interface ConfigMap {
  metadata: { resourceVersion: string };
  data: object;
}

interface Given extends Place {
  api: KubeServer;
  /** Objects by name, as they were applied. */
  live: Map<string, ConfigMap>;
  /** What the API says to some requests, before all else. */
  say: (arrived: Arrived) => { status: number; body: object } | undefined;
  settings(more?: string): void;
  lines(invoked: Invoked): Record<string, unknown>[];
}

const test = suite<Given>('cli/commands/up: an existing cluster');

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

test.before.each(async (context) => {
  const place = createPlace();
  // Names of manifests are relative to the folder of the process.
  process.chdir(place.folder);
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
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
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
  } satisfies Partial<Given>);
});
test.after.each(async ({ api, close }) => {
  await api.close();
  process.chdir(tmpdir());
  close();
});

const OBJECT = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one, namespace: default }\ndata: { a: "${value}" }\n`;

test('what was done to how many objects, where the cluster is, and how long the last such run took', async (context) => {
  const { invoke, settings, write, api, folder } = context;
  settings(`manifests: [${folder}/one.yaml]\n`);
  write('one.yaml', OBJECT('1'));
  const first = await invoke('up', ['--label', 'mine']);
  assert.is(first.code, 0, first.error + first.stderr);
  assert.match(first.stdout, /cluster ext is ready: /);
  assert.match(first.stdout, /^ +changes +1 created$/m);
  assert.match(first.stdout, new RegExp(`^ +address +${api.connection.server}$`, 'm'));
  assert.match(first.stdout, /^ +context +work$/m);
  assert.not.match(first.stdout, 'previous');
  const again = await invoke('up', []);
  assert.match(again.stdout, /^ +changes +unchanged$/m, again.error);
  write('one.yaml', OBJECT('2'));
  assert.match((await invoke('up', [])).stdout, /^ +changes +1 configured$/m);
  const runs = readFileSync(join(folder, 'logs/runs.jsonl'), 'utf8').trim().split('\n');
  assert.equal(
    runs.map((line) => (JSON.parse(line) as { label?: string }).label),
    ['mine', undefined, undefined],
  );
  assert.not.match(again.stderr, 'usually', 'nobody watches');
});

test('as JSON the summary is the last line; quiet, there is one line', async ({ invoke, settings, lines }) => {
  settings();
  const json = await invoke('up', ['--output', 'json']);
  const last = lines(json).at(-1) ?? {};
  assert.equal([last['type'], last['bundle'], last['failures']], ['summary', undefined, []]);
  assert.is((last['facts'] as Record<string, string>)['changes'], 'unchanged', 'nothing was to be done');
  assert.is((await invoke('up', ['--quiet'])).stdout.trim().split('\n').length, 1);
});

test('a run that fails says what resumes it, word for word, and keeps a bundle', async (context) => {
  const { invoke, settings, folder } = context;
  settings();
  context.say = ({ path }) =>
    path === '/api/v1/nodes' ? { status: 200, body: { metadata: {}, items: [] } } : undefined;
  const flags = ['--kubeconfig', `${folder}/it's here`, '--yes-this-is', 'work', '--verbose', '--label', 'once'];
  context.write("it's here", readFileSync(join(folder, 'kubeconfig'), 'utf8'));
  const failed = await invoke('up', ['ext', ...flags]);
  assert.is(failed.code, 3, failed.error);

  assert.match(failed.stdout, 'no node is Ready: there is none');
  assert.match(
    failed.stdout.replace(/\n/g, ' '),
    `What was applied is kept: \`hoist up --kubeconfig '${folder}/it'\\''s here' --name ext --yes-this-is work --verbose\` resumes.`,
  );
  assert.ok(existsSync(join(folder, 'logs/failed-ext.tar.gz')));
  const quiet = await invoke('up', ['--quiet']);
  assert.match(quiet.stdout, '`hoist up --quiet`');
});

test('status: healthy or not by its code, and the last run of each cluster', async (context) => {
  const { invoke, settings, lines } = context;
  settings();
  await invoke('up', []);
  const healthy = await invoke('status', []);

  assert.is(healthy.code, 0);
  assert.match(healthy.stdout, /^ext {2}running {2}existing\n/);
  assert.match(healthy.stdout, /last run +\d{4}-\S+, done in [\d.]+ m?s\n/);
  const [json] = lines(await invoke('status', ['ext', '-o', 'json']));
  const [cluster] = json?.['clusters'] as { name: string; lastRun: { outcome: string } | null }[];
  assert.is(cluster?.name, 'ext');
  assert.is.not(cluster?.lastRun, null);
  assert.is((await invoke('status', ['other'])).code, 2);
  context.say = ({ path }) => (path === '/readyz' ? { status: 500, body: {} } : undefined);
  const ill = await invoke('status', []);
  assert.is(ill.code, 3);
  assert.match(ill.stdout, /^ext {2}stopped/);
});

test('diff: the code says whether something differs, and --quiet leaves the last line', async (context) => {
  const { invoke, settings, write, lines, folder } = context;
  settings(`manifests: [${folder}/one.yaml]\n`);
  write('one.yaml', OBJECT('1'));
  await invoke('up', []);
  const same = await invoke('diff', []);
  assert.equal(
    [same.code, same.stdout],
    [0, 'cluster "ext" is as `up` would make it: 1 object and 0 releases compared\n'],
  );
  write('one.yaml', OBJECT('2'));
  const other = await invoke('diff', ['ext']);
  assert.is(other.code, 1, other.error);
  assert.is(other.stdout.split('\n').length, 4, other.stdout);
  assert.match(other.stdout, '    data.a: "1" → "2"\n');
  assert.is((await invoke('diff', ['--quiet'])).stdout.trim().split('\n').length, 1);
  const [json] = lines(await invoke('diff', ['--name', 'ext', '-o', 'json']));
  assert.equal([json?.['type'], json?.['different'], (json?.['objects'] as object[]).length], ['diff', true, 1]);
  assert.is((await invoke('diff', ['ext', '--name', 'ext'])).code, 1);
  assert.match(
    (await invoke('diff', ['ext', '--name', 'other'])).error,
    'the cluster is called "ext" and --name other',
  );
});

test('down: of an existing cluster hoist forgets only what it knows', async ({ invoke, settings, api, lines }) => {
  settings();
  await invoke('up', []);
  const left = `left the cluster of context "work" (${api.connection.server}) with all that was applied to it\n`;
  assert.is((await invoke('down', [])).stdout, left);
  assert.is((await invoke('down', ['ext'])).stdout, 'there is no cluster "ext"\n');
  await invoke('up', []);
  assert.is((await invoke('down', ['--all'])).stdout, left);
  const [json] = lines(await invoke('down', ['-o', 'json']));
  assert.equal(json, { type: 'down', clusters: [{ name: 'ext' }] });
  for (const verb of ['stop', 'start'])
    assert.match((await invoke(verb, ['ext'])).error, `hoist neither stops nor starts "ext"`);
});

test.run();
