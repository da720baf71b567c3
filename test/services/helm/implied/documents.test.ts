// What helm renders, split into objects: only those of the kinds that are asked for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderedObjects } from '../../../../scripts/services/helm/implied/documents.ts';

const test = suite('services/helm/implied/documents');

const object = (kind: string, name: string): string =>
  `# Source: x\napiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;
const text = [
  '',
  object('Secret', 'a'),
  '\n# nothing\n',
  object('"ConfigMap"', 'b'),
  'key: value\n',
  `{apiVersion: v1, kind: Secret, metadata: {name: c}}\n`,
].join('---\n');

test('all kinds, or those that are asked for', async () => {
  const names = async (kinds?: (kind: string) => boolean): Promise<string[]> =>
    (await renderedObjects(text, kinds)).map(({ metadata }) => metadata.name);
  assert.equal(await names(), ['a', 'b', 'c']);
  assert.equal(await names((kind) => kind === 'Secret'), ['a', 'c']);
  assert.equal(await names((kind) => kind === 'ConfigMap'), ['b']);
  assert.equal(await names(() => false), []);
  assert.equal(await renderedObjects('\n---\n  \n'), []);
});

test.run();
