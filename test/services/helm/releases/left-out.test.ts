// The program that leaves webhook configurations out of what helm has rendered.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { helmHome } from '../../../../scripts/services/helm/home.ts';
import { webhookFilter } from '../../../../scripts/services/helm/releases/left-out.ts';

const test = suite<{ folder: string }>('services/helm/releases/left-out');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-filter-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const config = (kind: string, client: string): string =>
  `---\napiVersion: admissionregistration.k8s.io/v1\nkind: ${kind}\nwebhooks:\n  - clientConfig: { ${client} }\n`;

test('those that lead into the cluster go, all else stays as it is', async ({ folder }) => {
  const home = helmHome({ HOME: folder, XDG_CACHE_HOME: folder });
  const path = await webhookFilter(home);
  assert.equal([statSync(home.root).mode & 0o777, statSync(path).mode & 0o777], [0o700, 0o700]);
  const kept = [
    '---\nkind: ConfigMap\ndata: { service: x }\n',
    config('ValidatingWebhookConfiguration', 'url: https://elsewhere.example'),
    '---\nkind: Service\n',
  ];
  const inside = ['MutatingWebhookConfiguration', '"ValidatingWebhookConfiguration"'].map((kind) =>
    config(kind, 'service: { name: x }'),
  );
  const input = [kept[0], inside[0], kept[1], inside[1], kept[2]].join('');
  const { stdout, status } = spawnSync(path, { input, encoding: 'utf8' });
  assert.is(status, 0);
  assert.is(stdout, `${kept.join('')}---\n# webhook configurations are left out\n`);
});

test.run();
