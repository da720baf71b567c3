import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Awaited } from '../../../../scripts/services/helm/releases/awaited.ts';
import { keepAwaited, keptAwaited } from '../../../../scripts/services/helm/releases/kept-awaited.ts';

const kept = suite<{ folder: string }>('helm: what releases wait for, kept', { folder: '' });
kept.before.each((context) => {
  context.folder = join(mkdtempSync(join(tmpdir(), 'hoist-awaited-')), 'awaited');
});
kept.after.each(({ folder }) => rmSync(join(folder, '..'), { recursive: true }));

const id = { uid: '0f8c2a14-3f1e-4b6e-9a55-0c6f0e6c1d2e', resourceVersion: '41' };
const awaited: Awaited = {
  workloads: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'one', name: 'web' }],
  definitions: ['widgets.example.com'],
  webhooks: [],
};

kept('of the same record as it stands; not of another one, nor of a later state', async ({ folder }) => {
  assert.is(await keptAwaited(folder, id), undefined);
  await keepAwaited(folder, id, awaited);
  assert.equal(await keptAwaited(folder, id), awaited);
  assert.is(await keptAwaited(folder, { ...id, resourceVersion: '42' }), undefined);
  assert.is(await keptAwaited(folder, { ...id, uid: id.uid.replace('0f', '1f') }), undefined);
});

kept('a damaged file is none', async ({ folder }) => {
  await keepAwaited(folder, id, awaited);
  const [file = ''] = readdirSync(folder);
  for (const text of ['', '{"resourceVersion": "41"', 'null']) {
    writeFileSync(join(folder, file), text);
    assert.is(await keptAwaited(folder, id), undefined);
  }
});

kept('what is no uid becomes no path, and a folder that cannot be is no failure', async ({ folder }) => {
  for (const uid of ['', '../../x', `${id.uid}/x`]) {
    await keepAwaited(folder, { ...id, uid }, awaited);
    assert.is(await keptAwaited(folder, { ...id, uid }), undefined);
  }
  assert.not(readdirSync(join(folder, '..')).includes('awaited'));
  writeFileSync(folder, '');
  await keepAwaited(folder, id, awaited);
});

kept.run();
