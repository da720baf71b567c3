// Checks of whether something is there: the words where a spec has none, the default of a class, keys of Secrets.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../ask.ts';

const objects = suite('support/analyzers/cluster/objects');

type Json = Record<string, unknown>;
const items = (...names: string[]): Json => ({ items: names.map((name) => ({ metadata: { name } })) });

async function says(kind: string, spec: Json, files: Json): Promise<string> {
  const results = await run(kind, spec, { files });
  return results.map(({ outcome, message, title }) => `${title}: ${outcome} ${message}`).join();
}

objects('what is found passes, else the check fails, in words of its own', async () => {
  const files = {
    'cluster-resources/ingress/shop.json': items('in'),
    'cluster-resources/ingress/default.json': items(),
  };
  const spec = { ingressName: 'in', outcomes: [] };
  assert.is(await says('ingress', { ...spec, namespace: 'shop' }, files), 'Ingress in: pass Ingress "in" found');
  assert.is(await says('ingress', spec, files), 'Ingress in: fail No Ingress "in" found');
  const definitions = { 'cluster-resources/custom-resource-definitions.json': items('a.b.c') };
  assert.match(
    await says('customResourceDefinition', { customResourceDefinitionName: 'a.b', outcomes: [] }, definitions),
    'fail No Custom resource definition "a.b" found',
  );
});

objects('of several outcomes that fit the last counts, and a failure before a warning', async () => {
  const files = { 'cluster-resources/ingress/default.json': items('in') };
  const outcomes = [
    { fail: { message: 'first' } },
    { fail: { message: 'second', uri: 'https://a.invalid' } },
    { warn: { message: 'warned' } },
    { pass: { message: 'good' } },
  ];
  const [gone] = await run('ingress', { ingressName: 'x', outcomes }, { files });
  assert.equal([gone?.outcome, gone?.message, gone?.uri], ['fail', 'second', 'https://a.invalid']);
  const [warned] = await run('ingress', { ingressName: 'x', outcomes: outcomes.slice(2) }, { files });
  assert.equal([warned?.outcome, warned?.message], ['warn', 'warned']);
  const [there] = await run('ingress', { ingressName: 'in', outcomes }, { files });
  assert.equal([there?.outcome, there?.message], ['pass', 'good']);
  const [empty] = await run('ingress', { ingressName: 'in', outcomes: [{ pass: {} }] }, { files });
  assert.is(empty?.message, 'Ingress "in" found');
});

objects('without a name the default class is meant', async () => {
  for (const [kind, file, annotation, word] of [
    ['storageClass', 'storage-classes', 'storageclass.kubernetes.io/is-default-class', 'Storage Class'],
    ['ingressClass', 'ingress-classes', 'ingressclass.kubernetes.io/is-default-class', 'Ingress Class'],
  ] as const) {
    const of = (value: string): Json => ({
      [`cluster-resources/${file}.json`]: {
        items: [{ metadata: { name: 'x', annotations: { [annotation]: value } } }],
      },
    });
    assert.is(await says(kind, { outcomes: [] }, of('true')), `Default ${word}: pass Default ${word} found`);
    assert.is(await says(kind, { outcomes: [] }, of('false')), `Default ${word}: fail No Default ${word} found`);
    const named = { [`${kind}Name`]: 'x', outcomes: [] };
    assert.is(await says(kind, named, of('false')), `${word.replace('Class', 'class')} x: pass ${word} "x" found`);
  }
});

objects('a definition without a name is none by default', async () => {
  const files = { 'cluster-resources/custom-resource-definitions.json': items('a') };
  assert.match(await says('customResourceDefinition', { outcomes: [] }, files), /fail No .* "" found/);
});

objects('Secrets and ConfigMaps: the object, its key, and the key in a file of its own', async () => {
  const ask = async (kind: string, spec: Json, files: Json): Promise<string> =>
    (await says(kind, { outcomes: [], ...spec }, files)).replace(/^.*?: /, '');
  const whole = { 'secrets/default/db.json': { secretExists: true, data: { user: 'u' } } };
  assert.is(await ask('secret', { secretName: 'db' }, whole), 'pass Secret "db" found');
  assert.is(await ask('secret', { secretName: 'db', key: 'user' }, whole), 'pass Key "user" of Secret "db" found');
  assert.is(await ask('secret', { secretName: 'db', key: 'pw' }, whole), 'fail No Key "pw" of Secret "db" found');
  const gone = { 'secrets/default/db.json': { secretExists: false } };
  assert.is(await ask('secret', { secretName: 'db' }, gone), 'fail No Secret "db" found');
  const keyed = (keyExists: boolean): Json => ({
    'secrets/prod/db/pw.json': { secretExists: true, key: 'pw', keyExists },
  });
  const spec = { secretName: 'db', namespace: 'prod', key: 'pw' };
  assert.match(await ask('secret', spec, keyed(true)), /^pass/);
  assert.match(await ask('secret', spec, keyed(false)), /^fail/);
  // Collected for one key, asked for another, or for the Secret alone.
  assert.match(await ask('secret', { ...spec, key: 'user' }, keyed(true)), /^fail/);
  assert.match(await ask('secret', { secretName: 'db', namespace: 'prod' }, keyed(true)), /^pass/);
  const map = { 'configmaps/default/c.json': { configMapExists: true, data: { a: '1' } } };
  assert.match(await ask('configMap', { configMapName: 'c', key: 'a' }, map), /^pass/);
  assert.match(await ask('configMap', { configMapName: 'd' }, map), 'configmaps/default/d.json');
});

objects('pull secrets: the registry in any of them', async () => {
  const files = {
    'cluster-resources/image-pull-secrets/a/one.json': { 'quay.io': {} },
    'cluster-resources/image-pull-secrets/b/two.json': { auths: { 'https://registry.example.com/v1': {} } },
  };
  const ask = (registryName: string): Promise<string> => says('imagePullSecret', { registryName, outcomes: [] }, files);
  assert.match(await ask('quay.io'), 'pass Credentials to pull from: quay.io found');
  assert.match(await ask('registry.example.com'), 'pass Credentials');
  assert.match(await ask('ghcr.io'), 'fail Credentials to pull from: ghcr.io not found');
});

objects.run();
