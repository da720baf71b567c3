// Clusters and caches of all providers go, and what stays behind is reported.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clusterNames, down, removeCaches, type Removal } from '../../scripts/cluster/down.ts';
import { mergeContext } from '../../scripts/kube/kubeconfig/kubeconfig.ts';
import type { ProviderName } from '../../scripts/plan/provider-name.ts';
import type { CachesRemoved, Provider, Removed } from '../../scripts/providers/provider.ts';
import { type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/down');
wired(test);

const { signal } = new AbortController();
const CONFIG =
  'apiVersion: v1\nkind: Config\ncurrent-context: hoist-dev\n' +
  'contexts: [{ name: hoist-dev, context: { cluster: hoist-dev, user: hoist-dev } }]\n' +
  'clusters: [{ name: hoist-dev, cluster: { server: "https://x" } }]\nusers: [{ name: hoist-dev, user: {} }]\n';

/** @param results by provider; no cluster is there of others */
function remove(
  context: Wired,
  results: Partial<Record<ProviderName, Removed>>,
  only?: ProviderName,
): Promise<Removal> {
  context.wiring.provider = (name) => {
    const one: Partial<Provider> = {
      name,
      remove(cluster) {
        context.asked.push(`${name} ${cluster}`);
        return Promise.resolve(results[name] ?? false);
      },
    };
    return Promise.resolve(one as Provider);
  };
  return down('dev', { kubeconfig: join(context.folder, 'kubeconfig'), signal, only }, context.wiring);
}

test('the cluster of whichever provider goes, and the context that hoist put there', async (context) => {
  const before = 'apiVersion: v1\nkind: Config\ncurrent-context: mine\n';
  const file = context.write('kubeconfig', before);
  const entry = { cluster: { server: 'https://x' }, user: { token: 't' }, setCurrent: true };
  await mergeContext(file, { name: 'hoist-dev', ...entry });
  assert.equal(await remove(context, { k3d: true }), { name: 'dev', provider: 'k3d' });
  assert.equal(context.asked, ['embedded dev', 'k3d dev', 'existing dev']);
  assert.is(readFileSync(file, 'utf8').includes('hoist-dev'), false);
  context.write('kubeconfig', CONFIG);
  await remove(context, { k3d: true });
  assert.is(readFileSync(file, 'utf8'), CONFIG, "one of the user's own stays");
});

test('none of that name is no error, and neither is a kubeconfig that is not there', async (context) => {
  assert.equal(await remove(context, {}), { name: 'dev', provider: undefined });
});

test('where one provider is meant the others keep theirs; an existing cluster keeps its context', async (context) => {
  const file = context.write('kubeconfig', CONFIG);
  assert.equal(await remove(context, { embedded: true, existing: true }, 'existing'), {
    name: 'dev',
    provider: 'existing',
  });
  assert.equal([context.asked, readFileSync(file, 'utf8')], [['existing dev'], CONFIG]);
});

test("what is not hoist's to remove is reported, before a context that could not be", async (context) => {
  const broken = context.write('kubeconfig', `${CONFIG}broken: [`);
  const { left } = await remove(context, { embedded: true });
  assert.ok(left?.startsWith(`the context "hoist-dev" in ${broken}: `), left);
  assert.is((await remove(context, { existing: { left: 'a namespace' } })).left, 'a namespace');
  context.write('kubeconfig', 'broken: [');
  assert.equal(await remove(context, { embedded: true }), { name: 'dev', provider: 'embedded' });
  rmSync(broken);
  mkdirSync(broken);
  assert.equal(await remove(context, { embedded: true }), { name: 'dev', provider: 'embedded' });
});

test('names and caches of all providers, each once', async (context) => {
  const caches: Partial<Record<ProviderName, CachesRemoved>> = {
    embedded: { removed: ['a'], inUse: [] },
    k3d: { removed: ['b'], inUse: [{ name: 'c', clusters: ['dev'] }] },
  };
  context.wiring.provider = (name) => {
    const found = caches[name];
    const one: Partial<Provider> = { name, list: () => Promise.resolve(['z', 'dev', name]) };
    if (found !== undefined) one.removeCaches = () => Promise.resolve(found);
    return Promise.resolve(one as Provider);
  };
  assert.equal(await clusterNames(context.wiring), ['dev', 'embedded', 'existing', 'k3d', 'z']);
  assert.equal(await removeCaches(signal, context.wiring), { removed: ['a', 'b'], inUse: caches.k3d?.inUse });
});

test.run();
