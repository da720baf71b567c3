// The context of a cluster in the user's kubeconfig: by token or certificate, and whether it becomes the current one.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { mergeStep } from '../../scripts/cluster/merge-step.ts';
import type { StepContext } from '../../scripts/engine/step.ts';
import { type KubeClient } from '../../scripts/kube/client/client.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { createAccess } from '../../scripts/providers/provider.ts';

const test = suite<{ folder: string }>('cluster/merge-step');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-merge-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

interface Kubeconfig {
  'current-context'?: string;
  clusters: { cluster: Record<string, string> }[];
  users: { user: Record<string, string> }[];
}

async function merged(folder: string, connection: Partial<KubeConnection>, setCurrent?: boolean): Promise<Kubeconfig> {
  const path = join(folder, 'config');
  const access = createAccess();
  access.open({ close: () => undefined } as KubeClient, { server: 'https://127.0.0.1:1', ...connection });
  const step = mergeStep('dev', path, access, ...(setCurrent === undefined ? [] : [setCurrent]));
  assert.equal([step.needs, step.optional], [['kubeconfig'], true]);
  await step.run({} as StepContext);
  return parse(readFileSync(path, 'utf8')) as Kubeconfig;
}

test('a token where there is one, else the certificate with its key', async ({ folder }) => {
  const byToken = await merged(folder, { ca: 'CA', token: 't' });
  assert.equal(byToken.clusters[0]?.cluster, {
    server: 'https://127.0.0.1:1',
    'certificate-authority-data': btoa('CA'),
  });
  assert.equal(byToken.users[0]?.user, { token: 't' });
  const byCertificate = await merged(folder, { clientCertificate: 'C', clientKey: 'K' });
  assert.equal(byCertificate.users[0]?.user, {
    'client-certificate-data': btoa('C'),
    'client-key-data': btoa('K'),
  });
});

test('it becomes the current one unless the settings say otherwise', async ({ folder }) => {
  assert.is((await merged(folder, { token: 't' }, false))['current-context'] ?? '', '');
  assert.is((await merged(folder, { token: 't' }))['current-context'], 'hoist-dev');
});

test.run();
