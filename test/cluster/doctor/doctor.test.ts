// What doctor looks at beside the provider's own checks: clusters of the same name, and registries for k3d alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../../scripts/cluster/doctor/doctor.ts';
import { ok } from '../../../scripts/host/preflight/finding.ts';
import type { Provider } from '../../../scripts/providers/provider.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/doctor/doctor');
wired(test);

const OBJECT = `apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [{ name: a, image: 'far.example.test/x:1' }] }\n`;

/** @param lists names of the clusters of each provider */
async function findings(
  context: Wired,
  settings: string,
  lists: Readonly<Record<string, string[] | Error>> = {},
): Promise<string[]> {
  const provider = (name: string): Provider =>
    ({
      name,
      preflight: () => Promise.resolve([ok('own', name)]),
      list: () => {
        const list = lists[name] ?? [];
        return list instanceof Error ? Promise.reject(list) : Promise.resolve(list);
      },
    }) as unknown as Provider;
  const config = context.write('cluster.yaml', `name: dev\nnamespaces: []\n${settings}`);
  const wiring = { ...context.wiring, provider: (name: string) => Promise.resolve(provider(name)) };
  // No registry is asked: the proxy is not there.
  wiring.env = { ...wiring.env, HTTPS_PROXY: 'http://127.0.0.1:9' };
  const { findings: found } = await diagnose({ config, flags: {} }, new AbortController().signal, wiring);
  return found.map(({ name, status }) => `${name} ${status}`);
}

test('the provider and its own checks come first', async (context) => {
  assert.equal((await findings(context, 'provider: embedded\n')).slice(0, 2), ['provider ok', 'own ok']);
});

test('a cluster of the same name by another provider is a warning, but not beside an existing one', async (context) => {
  const named = async (settings: string, lists: Parameters<typeof findings>[2]): Promise<string[]> =>
    (await findings(context, settings, lists)).filter((line) => line.startsWith('name '));
  assert.equal(await named('provider: embedded\n', { k3d: ['dev'] }), ['name dev warn']);
  assert.equal(await named('provider: embedded\n', { k3d: ['other'], embedded: ['dev'], existing: ['dev'] }), []);
  assert.equal(await named('provider: embedded\n', { k3d: new Error('no engine') }), []);
  assert.equal(await named('provider: existing\ncontext: c\n', { k3d: ['dev'], embedded: ['dev'] }), []);
});

test('only nodes of k3d pull from here', async (context) => {
  context.write('pod.yaml', OBJECT);
  const registries = async (provider: string): Promise<string[]> =>
    (await findings(context, `provider: ${provider}\nmanifests: [${context.folder}/pod.yaml]\n`)).filter((line) =>
      line.startsWith('registry'),
    );
  assert.equal(await registries('k3d'), ['registry far.example.test warn']);
  assert.equal(await registries('embedded'), []);
});

test.run();
