// The steps that fill a cluster: which there are, what each needs, what they apply, and what they say.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../scripts/base/errors.ts';
import type { Step, StepContext } from '../../scripts/engine/step.ts';
import type { Manifest } from '../../scripts/kube/manifests/manifest.ts';
import { appliedManifests, type ServiceInputs, serviceSteps } from '../../scripts/services/service-steps.ts';
import { answer, statusObject } from '../doubles/kube-server.ts';
import { thrown, withClient } from '../kube/helpers.ts';

const test = suite('services/service-steps');

const one = (apiVersion: string, kind: string, name: string, more: object = {}): Manifest => ({
  object: { apiVersion, kind, metadata: { name }, ...more },
  where: 'a.yaml:1',
});
const webhook = (name: string, ...webhooks: object[]): Manifest =>
  one('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', name, { webhooks });
const inCluster = webhook('in', { clientConfig: { service: { name: 'x' } } });
const outside = webhook('out', { clientConfig: { url: 'https://example.com' } });
const secret = (name: string, namespaces?: string[]) => ({ name, type: 'Opaque', namespaces, data: {} });

const inputs = (own: Partial<ServiceInputs> = {}): ServiceInputs => ({
  client() {
    throw new Error('nothing is asked of the server');
  },
  ...{ namespaces: [], secrets: [], clusterResources: [], namespaceResources: [], manifests: [] },
  ...{ healthTimeoutMs: 5_000, onResult: () => undefined },
  ...own,
});
const needs = (own: Partial<ServiceInputs>): Record<string, readonly string[]> =>
  Object.fromEntries(serviceSteps(inputs(own)).map((step) => [step.name, step.needs ?? []]));
const HEALTH = { 'health/api': ['api'], 'health/service-accounts': ['nodes'] };

test('without anything to apply only the health is looked at', () => assert.equal(needs({}), HEALTH));

test('everything is after the namespace that it is in, and pods after the nodes', () => {
  assert.equal(
    needs({
      namespaces: ['a', 'b'],
      secrets: [secret('all'), secret('only', ['b'])],
      clusterResources: [one('v1', 'PersistentVolume', 'v')],
      namespaceResources: [one('v1', 'Pod', 'p')],
      manifests: [one('apps/v1', 'Deployment', 'd')],
    }),
    {
      'namespace/a': ['api'],
      'namespace/b': ['api'],
      'secrets/a': ['namespace/a'],
      'resources/a': ['namespace/a', 'nodes'],
      'secrets/b': ['namespace/b'],
      'resources/b': ['namespace/b', 'nodes'],
      resources: ['api'],
      manifests: ['api', 'namespace/a', 'namespace/b'],
      'health/api': ['api'],
      'health/service-accounts': ['nodes', 'namespace/a', 'namespace/b'],
      'health/workloads': ['nodes', 'resources', 'secrets/a', 'resources/a', 'secrets/b', 'resources/b', 'manifests'],
    },
  );
});

test('a secret is in the namespaces that it names, or in all; workloads are waited for only where there are some', () => {
  const names = Object.keys(needs({ namespaces: ['a', 'b'], secrets: [secret('s', ['b'])] }));
  assert.equal(
    names.filter((name) => name.startsWith('secrets/')),
    ['secrets/b'],
  );
  const of = (own: Partial<ServiceInputs>): boolean => 'health/workloads' in needs(own);
  assert.is(of({ manifests: [one('v1', 'ConfigMap', 'c')] }), false);
  assert.is(of({ manifests: [one('batch/v1', 'Job', 'j')] }), true);
  assert.is(of({ clusterResources: [one('apps/v1', 'DaemonSet', 'j')] }), true);
});

test('all that will be applied, each object in its namespace', () => {
  const all = appliedManifests(
    inputs({
      namespaces: ['a', 'b'],
      secrets: [secret('s', ['b'])],
      namespaceResources: [one('v1', 'ConfigMap', 'c')],
      clusterResources: [one('v1', 'PersistentVolume', 'v')],
      manifests: [inCluster, outside],
    }),
  );
  assert.equal(
    all.map(({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
    [
      'Namespace /a',
      'Namespace /b',
      'ConfigMap a/c',
      'Secret b/s',
      'ConfigMap b/c',
      'PersistentVolume /v',
      'ValidatingWebhookConfiguration /in',
      'ValidatingWebhookConfiguration /out',
    ],
  );
});

test('webhooks that the cluster would serve itself stay out where its pods are simulated', () => {
  const odd = [webhook('none'), one('v1', 'ConfigMap', 'c', { webhooks: [{ clientConfig: { service: {} } }] })];
  const names = (withoutWebhooks: boolean): string[] =>
    appliedManifests(inputs({ manifests: [inCluster, outside, ...odd], withoutWebhooks })).map(
      ({ object }) => object.metadata.name,
    );
  assert.equal(names(true), ['out', 'none', 'c']);
  assert.equal(names(false), ['in', 'out', 'none', 'c']);
});

function named(steps: readonly Step[], name: string): Step {
  const found = steps.find((step) => step.name === name);
  if (found === undefined) throw new Error(`there is no step ${name}`);
  return found;
}

interface Said {
  notes: string[];
  warnings: string[];
  progress: string[];
}

/** Runs the step against a server that answers each apply like this. */
async function run(
  name: string,
  own: Partial<ServiceInputs>,
  patched: (path: string, force: boolean) => [status: number, body: object],
): Promise<Said & { results: string[] }> {
  const said: Said = { notes: [], warnings: [], progress: [] };
  const results: string[] = [];
  const context = {
    signal: new AbortController().signal,
    note: (text: string) => void said.notes.push(text),
    warn: (text: string) => void said.warnings.push(text),
    progress: ({ done, total = 0, unit = '' }: { done: number; total?: number; unit?: string }) =>
      void said.progress.push(`${done}/${total} ${unit}`),
  } as unknown as StepContext;
  await withClient(
    ({ method, path, query }, response) => {
      if (method === 'PATCH') return answer(response, ...patched(path, query.get('force') === 'true'));
      answer(response, 200, { metadata: { resourceVersion: '100' }, items: [] });
    },
    async (client) => {
      const steps = serviceSteps(
        inputs({ ...own, client: () => client, onResult: ({ outcome }) => void results.push(outcome) }),
      );
      await named(steps, name).run(context);
    },
  );
  return { ...said, results };
}

test('progress object by object; "unchanged" only where nothing has changed', async () => {
  const manifests = [one('v1', 'ConfigMap', 'a'), one('v1', 'ConfigMap', 'b')];
  const object = (resourceVersion: string): object => ({ metadata: { name: 'x', resourceVersion } });
  const same = await run('manifests', { manifests }, () => [200, object('7')]);
  assert.equal(same, {
    notes: ['unchanged'],
    warnings: [],
    progress: ['1/2 items', '2/2 items'],
    results: ['unchanged', 'unchanged'],
  });
  const mixed = await run('manifests', { manifests }, (path) =>
    path.endsWith('/a') ? [201, object('101')] : [200, object('7')],
  );
  assert.equal([mixed.notes, mixed.results.sort()], [[], ['created', 'unchanged']]);
});

test('what others had changed: taken back with a warning, or left with a note, as the policy says', async () => {
  const manifests = [one('apps/v1', 'Deployment', 'd', { spec: { replicas: 1, paused: true } })];
  const cause = (field: string, by: string): object => ({
    reason: 'FieldManagerConflict',
    field,
    message: `conflict with "${by}" using v1`,
  });
  const refused = statusObject(409, 'Conflict', 'x', {
    causes: [cause('.spec.replicas', 'hpa'), cause('.spec.paused', 'kubectl-edit')],
  });
  const patched = (_: string, force: boolean): [number, object] =>
    force ? [200, { metadata: { name: 'd', resourceVersion: '101' } }] : [409, refused];
  const decided = await run('manifests', { manifests }, patched);
  assert.equal(decided.warnings, ['Deployment default/d: set back .spec.paused (changed by kubectl-edit)']);
  assert.equal(decided.notes, ['left as they are: .spec.replicas (changed by hpa) of Deployment default/d']);
  const taken = await run('manifests', { manifests, onConflict: 'take' }, patched);
  assert.equal([taken.notes, taken.warnings.length], [[], 1]);
});

test('how many webhooks were left out', async () => {
  const manifests = [inCluster, one('v1', 'ConfigMap', 'a')];
  const { notes, results } = await run('manifests', { manifests, withoutWebhooks: true }, () => [
    201,
    { metadata: { name: 'x' } },
  ]);
  assert.equal([notes, results], [['1 webhook configuration left out, which no simulated pod answers'], ['created']]);
});

test('the health of the API is that of each of its endpoints', () =>
  withClient(
    ({ path }, response) =>
      answer(response, path === '/livez' ? 500 : 200, path === '/livez' ? '[-]etcd failed' : '{}'),
    async (client) => {
      const step = named(serviceSteps(inputs({ client: () => client })), 'health/api');
      const context = { signal: new AbortController().signal } as unknown as StepContext;
      const error = await thrown(HealthError, Promise.resolve(step.run(context)));
      assert.is(error.message, 'the API server is not healthy: /livez failing: etcd');
    },
  ));

test.run();
