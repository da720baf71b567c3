// What is read of helm's record of a release, and that it is read once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../../scripts/base/errors.ts';
import { readInstalled } from '../../../../scripts/services/helm/releases/installed.ts';
import { answer } from '../../../doubles/kube-server.ts';
import { thrown, withClient } from '../../../kube/helpers.ts';

const installed = suite<{ cache: string }>('helm: what a release consists of', { cache: '' });
installed.before.each((context) => {
  context.cache = mkdtempSync(join(tmpdir(), 'hoist-installed-'));
});
installed.after.each(({ cache }) => rmSync(cache, { recursive: true }));

const { signal } = new AbortController();
const id = { uid: '0f8c2a14-3f1e-4b6e-9a55-0c6f0e6c1d2e', resourceVersion: '41' };
const ref = { name: 'web', namespace: 'one', revision: 2 };
const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n---\nkind: ConfigMap\n';
const packed = (record: unknown): string =>
  Buffer.from(gzipSync(JSON.stringify(record)).toString('base64')).toString('base64');

installed('once for a record as it stands, again where it is another one', async ({ cache }) => {
  const asked: string[] = [];
  await withClient(
    ({ path }, response) => {
      asked.push(path);
      answer(response, 200, { metadata: id, data: { release: packed({ manifest }) } });
    },
    async (client) => {
      const first = await readInstalled(client, ref, { cache, known: undefined, signal });
      assert.equal(first.workloads, [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'one', name: 'web' }]);
      assert.equal(await readInstalled(client, ref, { cache, known: id, signal }), first);
      assert.equal(asked, ['/api/v1/namespaces/one/secrets/sh.helm.release.v1.web.v2']);
      await readInstalled(client, ref, { cache, known: { ...id, resourceVersion: '42' }, signal });
      await readInstalled(client, ref, { cache, known: undefined, signal });
      assert.is(asked.length, 3);
    },
  );
});

installed('a record that cannot be read is named, and not kept', async ({ cache }) => {
  await withClient(
    (_, response) => answer(response, 200, { metadata: id, data: { release: 'x' } }),
    async (client) => {
      const read = (): Promise<unknown> => readInstalled(client, ref, { cache, known: id, signal });
      const error = await thrown(ServicesError, read());
      assert.match(error.message, 'the release "web" cannot be read');
      await thrown(ServicesError, read());
    },
  );
});

installed.run();
