// How a live cluster differs from what `up` would make of it, by an API of its own; what is never shown, and what is refused.

import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../scripts/base/errors.ts';
import { type Drift, diff, isDrift } from '../../scripts/cluster/diff.ts';
import { prepare } from '../../scripts/cluster/prepare-cluster.ts';
import { answer, statusObject, withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from '../kube/helpers.ts';
import { type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/diff');
wired(test);

const SETTINGS = 'name: dev\nprovider: embedded\nnamespaces: []\n';

interface Live {
  /** By the end of the path; a number is the status of the refusal of a dry run. */
  objects?: Record<string, object | number>;
  /** What helm has recorded of the release `web`. */
  release?: { status?: string; record: object };
  webhooks?: boolean;
}

async function drift(context: Wired, settings: string, { objects = {}, release }: Live): Promise<Drift> {
  let found: Drift | undefined;
  await withKubeServer(
    ({ method, path, body }, response) => {
      const missing = (): void => answer(response, 404, statusObject(404, 'NotFound', 'none'));
      const labels = { owner: 'helm', name: 'web', version: '1', status: release?.status ?? 'deployed' };
      if (path === '/api/v1/secrets')
        return answer(response, 200, { items: release ? [{ metadata: { namespace: 'default', labels } }] : null });
      if (path.includes('/secrets/sh.helm')) {
        const packed = gzipSync(JSON.stringify(release?.record)).toString('base64');
        return answer(response, 200, { data: { release: Buffer.from(packed).toString('base64') } });
      }
      if (path === '/api' || path === '/apis') return answer(response, 200, { groups: [] });
      const live = objects[path.split('/').at(-1) ?? ''];
      if (live === undefined) return missing();
      if (method === 'GET')
        return answer(response, 200, typeof live === 'number' ? { kind: 'ConfigMap', metadata: {} } : live);
      if (typeof live === 'number') return answer(response, live, statusObject(live, 'Invalid', 'it is bad'));
      const { metadata, ...rest } = JSON.parse(body) as { metadata: object };
      const kept = (live as { metadata: object }).metadata;
      return answer(response, 200, { ...live, ...rest, metadata: { ...kept, ...metadata, generation: 2 } });
    },
    async ({ connection }) => {
      const { server, ca = '' } = connection;
      const data = Buffer.from(ca).toString('base64');
      context.write(
        'dev.kubeconfig',
        `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{ name: c, context: { cluster: c, user: u } }]\n` +
          `clusters: [{ name: c, cluster: { server: '${server}', certificate-authority-data: ${data} } }]\n` +
          `users: [{ name: u, user: { token: t } }]\n`,
      );
      const config = context.write('cluster.yaml', settings);
      const prepared = await prepare({ config, flags: {} }, context.wiring);
      found = await diff(prepared, new AbortController().signal, context.wiring);
    },
  );
  if (found === undefined) throw new Error('nothing was compared');
  return found;
}

const object = (kind: string, name: string, more = 'data: { a: "1" }'): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: default }\n${more}\n`;
const live = (kind: string, name: string, data: object): object => ({
  ...{ apiVersion: 'v1', kind, data, status: { seen: 1 } },
  metadata: { name, namespace: 'default', uid: 'u', resourceVersion: '1', generation: 1, managedFields: [] },
});

test('objects that are missing, changed, refused or the same', async (context) => {
  context.situation = { kind: 'matching' } as unknown as Wired['situation'];
  const names = ['missing', 'changed', 'bad', 'same'];
  context.write('all.yaml', names.map((name) => object('ConfigMap', name)).join('---\n'));
  const found = await drift(context, `${SETTINGS}manifests: [all.yaml]\n`, {
    objects: {
      changed: live('ConfigMap', 'changed', { a: '2' }),
      bad: 422,
      same: live('ConfigMap', 'same', { a: '1' }),
    },
  });
  assert.equal(
    found.objects.map(({ title, kind, changes }) => [title, kind, changes]),
    [
      ['ConfigMap default/missing', 'missing', []],
      ['ConfigMap default/changed', 'changed', [{ path: 'data.a', have: '2', want: '1' }]],
      ['ConfigMap default/bad', 'refused', []],
    ],
  );
  assert.match(found.objects[2]?.reason ?? '', 'it is bad');
  assert.match(found.objects[0]?.where ?? '', 'all.yaml');
  assert.equal([found.cluster, found.releases, found.compared], [[], [], { objects: 4, releases: 0 }]);
  assert.ok(isDrift(found));
});

test('of a secret only that it differs, and which of its values are new', async (context) => {
  const differences = [{ what: 'nodes', have: '1', want: '2' }];
  context.situation = { kind: 'different', differences };
  context.write('s.yaml', object('Secret', 's', 'data: { a: bmV3, b: bmV3 }\ntype: Opaque'));
  const secret = { ...live('Secret', 's', { a: 'b2xk' }), type: 'other' };
  const { cluster, objects } = await drift(context, `${SETTINGS}manifests: [s.yaml]\n`, { objects: { s: secret } });
  assert.equal(cluster, differences);
  assert.equal(objects[0]?.changes, [
    { path: 'data.a', have: '***HIDDEN***', want: '***HIDDEN***' },
    { path: 'data.b', have: undefined, want: '***HIDDEN***' },
    { path: 'type', have: 'other', want: 'Opaque' },
  ]);
});

test('what is hidden at its own place is hidden wherever else it stands, also after the settings have another value', async (context) => {
  context.situation = { kind: 'matching' } as unknown as Wired['situation'];
  context.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
  context.write('pw', 'the-new-one');
  const config = { a: 1, pw: 'the-former-one' };
  const manifest = object('ConfigMap', 'own', 'data: { url: "postgres://u:the-former-one@h", size: "1" }');
  const record = { manifest, config, chart: { metadata: { name: 'web', version: '1.0.0' } } };
  const settings =
    '{ name: web, chart: ./chart, namespace: default, values: { a: 1 }, valuesFrom: { pw: { file: pw } } }';
  const found = await drift(context, `${SETTINGS}services: [${settings}]\n`, {
    objects: { own: live('ConfigMap', 'own', { url: 'x the-former-one, dGhlLWZvcm1lci1vbmU=', size: '2' }) },
    release: { record },
  });
  assert.not.match(JSON.stringify(found), /former|dGhl|the-new-one/);
  assert.equal(found.objects[0]?.changes, [
    { path: 'data.url', have: 'x ***HIDDEN***, ***HIDDEN***', want: 'postgres://***HIDDEN***:***HIDDEN***@h' },
    { path: 'data.size', have: '2', want: '1' },
  ]);
  assert.equal(found.releases[0]?.changes, [{ path: 'values.pw', have: '***HIDDEN***', want: '***HIDDEN***' }]);
});

test('a secret that the cluster has nothing of is hidden in all else; texts of five characters are words', async (context) => {
  context.situation = { kind: 'matching' } as unknown as Wired['situation'];
  const data = ['sixsix', 'fives'].map((text, at) => `k${at}: ${Buffer.from(text).toString('base64')}`).join(', ');
  context.write('s.yaml', object('Secret', 's', `data: { ${data} }`));
  context.write('c.yaml', object('ConfigMap', 'own', 'data: { text: "of sixsix and fives" }'));
  const { objects } = await drift(context, `${SETTINGS}manifests: [s.yaml, c.yaml]\n`, {
    objects: {
      s: { ...live('Secret', 's', {}), data: undefined },
      own: live('ConfigMap', 'own', { text: 'of nothing' }),
    },
  });
  const changes = new Map(objects.map((one) => [one.title, one.changes]));
  assert.equal(changes.get('Secret default/s'), [{ path: 'data', have: undefined, want: '***HIDDEN***' }]);
  assert.equal(changes.get('ConfigMap default/own'), [
    { path: 'data.text', have: 'of nothing', want: 'of ***HIDDEN*** and fives' },
  ]);
});

test('webhooks are compared where the cluster calls them: an embedded one only where it is asked to', async (context) => {
  context.situation = { kind: 'matching' } as unknown as Wired['situation'];
  const kind = 'ValidatingWebhookConfiguration';
  const webhook = '{ name: a.b.c, clientConfig: { service: { name: s, namespace: default } } }';
  context.write(
    'hook.yaml',
    `apiVersion: admissionregistration.k8s.io/v1\nkind: ${kind}\nmetadata: { name: hook }\nwebhooks: [${webhook}]\n`,
  );
  const compared = async (more: string): Promise<number> =>
    (await drift(context, `${SETTINGS}manifests: [hook.yaml]\n${more}`, {})).compared.objects;
  assert.is(await compared(''), 0);
  assert.is(await compared('embedded: { webhooks: true }\n'), 1);
});

test('a release: missing, or of another state, version or values; its objects by what helm has recorded', async (context) => {
  context.situation = { kind: 'matching' } as unknown as Wired['situation'];
  context.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
  const service = `{ name: web, chart: ./chart, namespace: default, values: { a: 1 }`;
  const settings = (more = ''): string => `${SETTINGS}services: [${service}${more} }]\n`;
  const base = { name: 'web', namespace: 'default' };
  const missing = await drift(context, settings(), {});
  assert.equal(missing.releases, [{ ...base, kind: 'missing', changes: [] }]);
  assert.equal([missing.objects, missing.compared], [[], { objects: 0, releases: 1 }]);

  const manifest = `${object('ConfigMap', 'own')}---\n${object('ConfigMap', 'bare').replace(', namespace: default', '')}`;
  const record = { manifest, config: { a: 1 }, chart: { metadata: { name: 'web', version: '1.0.0' } } };
  const same = live('ConfigMap', 'own', { a: '1' });
  const objects = { own: same, bare: live('ConfigMap', 'bare', { a: '9' }) };
  const { releases, objects: own, compared } = await drift(context, settings(), { objects, release: { record } });
  assert.equal([releases, compared], [[], { objects: 2, releases: 1 }]);
  assert.equal(own, [
    {
      ...{ title: 'ConfigMap default/bare', where: 'release web', kind: 'changed' },
      changes: [{ path: 'data.a', have: '9', want: '1' }],
    },
  ]);

  const failed = { status: 'failed', record: { ...record, manifest: undefined, config: null } };
  const other = await drift(context, settings(), { release: failed });
  assert.equal(other.releases, [
    {
      ...{ ...base, kind: 'changed' },
      changes: [
        { path: 'status', have: 'failed', want: 'deployed' },
        { path: 'values.a', have: undefined, want: 1 },
      ],
    },
  ]);
  assert.is(other.compared.objects, 0);
});

test('a cluster that is not there, or does not run, cannot be compared', async (context) => {
  const refused = async (situation: object): Promise<UsageError> => {
    context.situation = situation as Wired['situation'];
    return thrown(UsageError, drift(context, SETTINGS, {}));
  };
  assert.is((await refused({ kind: 'absent' })).message, 'there is no cluster "dev"; there are: other');
  const stopped = await refused({ kind: 'damaged', reasons: ['one', 'two'] });
  assert.is(stopped.message, 'cluster "dev" cannot be compared: one, two');
  assert.is(stopped.hint, '`hoist start dev` starts it.');
});

test('each part of a drift is one', () => {
  const none: Drift = { cluster: [], objects: [], releases: [], compared: { objects: 3, releases: 2 } };
  assert.not(isDrift(none));
  for (const part of ['cluster', 'objects', 'releases']) assert.ok(isDrift({ ...none, [part]: [{}] }), part);
});

test.run();
