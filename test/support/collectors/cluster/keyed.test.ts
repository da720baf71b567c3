// Secrets and ConfigMaps that a spec asks for: what is said of them, values only where they are asked for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../../doubles/kube-server.ts';
import { bundleOf, bundleSpec, list } from '../../world.ts';

const keyed = suite('secrets and config maps');

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SECRET = { metadata: { namespace: 'one', name: 's' }, data: { colour: base64('blue'), other: base64('red') } };
const CONFIG = { metadata: { namespace: 'one', name: 'c' }, data: { colour: 'blue', other: 'red' } };

/** The files that one collector adds, by path; the cluster has the secret `s` and the config map `c`. */
async function collected(collector: string): Promise<Record<string, unknown>> {
  const { files } = await bundleOf(bundleSpec(`  collectors:\n    - ${collector}\n`), {
    handle({ path }, response) {
      const base = '/api/v1/namespaces/one';
      const found: Record<string, object> = {
        [`${base}/secrets/s`]: SECRET,
        [`${base}/secrets`]: list([SECRET]),
        [`${base}/configmaps/c`]: CONFIG,
        [`${base}/configmaps`]: list([]),
      };
      const object = found[path];
      if (path.endsWith('/gone')) {
        answer(response, 404, statusObject(404, 'NotFound', 'no such secret'));
        return true;
      }
      if (object === undefined) return false;
      answer(response, 200, object);
      return true;
    },
  });
  const own = [...files].filter(([path]) => /^(secrets|configmaps)/.test(path));
  return Object.fromEntries(own.map(([path, text]) => [path, JSON.parse(text ?? 'null') as unknown]));
}

const ofSecret = { namespace: 'one', name: 's', key: '', secretExists: true, keyExists: false };

keyed('of a secret: that it exists, whether it has a key, and a decoded value only where it is asked for', async () => {
  assert.equal(await collected('secret: {namespace: one, name: s}'), { 'secrets/one/s.json': ofSecret });
  const known = { ...ofSecret, key: 'colour', keyExists: true };
  const key = 'secret: {namespace: one, name: s, key: colour';
  assert.equal(await collected(`${key}}`), { 'secrets/one/s/colour.json': known });
  assert.equal(await collected(`${key}, includeValue: false}`), { 'secrets/one/s/colour.json': known });
  assert.equal(await collected(`${key}, includeValue: true}`), {
    'secrets/one/s/colour.json': { ...known, value: 'blue' },
  });
  const absent = 'secret: {namespace: one, name: s, key: size, includeValue: true}';
  assert.equal(await collected(absent), { 'secrets/one/s/size.json': { ...ofSecret, key: 'size' } });
  const gone = {
    'secrets/one/gone.json': { ...ofSecret, name: 'gone', secretExists: false },
    'secrets-errors/one/gone.json': ['secrets "gone" not found'],
  };
  assert.equal(await collected('secret: {namespace: one, name: gone}'), gone);
});

keyed('all data of a secret is decoded, and its file is that of the secret', async () => {
  const all = 'secret: {namespace: one, name: s, key: colour, includeAllData: true}';
  const data = { colour: 'blue', other: 'red' };
  assert.equal(await collected(all), { 'secrets/one/s.json': { ...ofSecret, key: 'colour', data } });
});

keyed('a config map has its values as they are', async () => {
  const known = { namespace: 'one', name: 'c', key: 'colour', configMapExists: true, keyExists: true };
  const value = 'configMap: {namespace: one, name: c, key: colour, includeValue: true}';
  assert.equal(await collected(value), { 'configmaps/one/c/colour.json': { ...known, value: 'blue', data: null } });
  const all = 'configMap: {namespace: one, name: c, key: colour, includeAllData: true}';
  const whole = { ...known, data: CONFIG.data };
  assert.equal(await collected(all), { 'configmaps/one/c/colour.json': whole });
});

keyed('by selector each one that matches; without a name or selector it is an error of its own', async () => {
  assert.equal(await collected('secret: {namespace: one, selector: [a=b]}'), { 'secrets/one/s.json': ofSecret });
  assert.equal(await collected('configMap: {namespace: one, selector: [a=b]}'), {});
  const [path, problem] = Object.entries(await collected('secret: {namespace: one}'))[0] ?? [];
  assert.match(path ?? '', /^secrets-errors\/one/);
  assert.equal(problem, ['either name or selector is required']);
});

keyed.run();
