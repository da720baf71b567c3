import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { additions, configText, takesDropIns } from '../../../../scripts/providers/k3d/plan/config-text.ts';

const config = suite('config on stdin');
const nothing = { variables: [], certificates: undefined, maxParallelImagePulls: undefined };

config('none where flags say it all, and the user’s own as it is', async () => {
  assert.is(await configText(undefined, additions(nothing)), undefined);
  const own = '# mine\napiVersion: k3d.io/v1alpha5\nkind: Simple\nagents: $AGENTS\n';
  assert.is(await configText({ text: own, sources: [] }, additions(nothing)), own);
});

config('variables go by name, so that their values stand nowhere', async () => {
  const text = await configText(undefined, additions({ ...nothing, variables: ['HTTPS_PROXY'] }));
  assert.equal(parse(text ?? ''), {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    env: [{ envVar: 'HTTPS_PROXY=${HTTPS_PROXY}', nodeFilters: ['all'] }],
  });
});

config('what the user wrote stays as he wrote it, with files added', async () => {
  const own = '# mine\napiVersion: k3d.io/v1alpha5\nkind: Simple\nagents: $AGENTS # as many as told\nfiles: []\n';
  const wants = { ...nothing, certificates: '-----BEGIN\n', maxParallelImagePulls: 8 };
  const text = (await configText({ text: own, sources: [] }, additions(wants))) ?? '';
  assert.match(text, /^# mine\n/);
  assert.match(text, /agents: \$AGENTS # as many as told/);
  const { files } = parse(text) as { files: { source: string; destination: string }[] };
  assert.equal(
    files.map(({ destination }) => destination),
    ['/etc/ssl/certs/hoist-ca.crt', '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/50-hoist.conf'],
  );
  assert.equal(parse(files[1]?.source ?? ''), {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    serializeImagePulls: false,
    maxParallelImagePulls: 8,
  });
});

config('files beside the config are named from where k3d is started', async () => {
  const text =
    'apiVersion: k3d.io/v1alpha5\nkind: Simple\nfiles:\n  - source: a.yaml\n  - source: |\n      x\n      y\n';
  const written = await configText({ text, sources: [{ at: 0, path: '/etc/hoist/a.yaml' }] }, additions(nothing));
  const { files } = parse(written ?? '') as { files: { source: string }[] };
  // k3d joins it to the folder of its config, and stdin's is the working directory.
  assert.is(join(process.cwd(), files[0]?.source ?? ''), '/etc/hoist/a.yaml');
  assert.is(files[1]?.source, 'x\ny\n');
});

config('kubelets read drop-ins from k3s 1.32.1 on', () => {
  assert.not(takesDropIns({ minor: 32, patch: 0, release: 1 }));
  assert.ok(takesDropIns({ minor: 32, patch: 1, release: 1 }));
  assert.ok(takesDropIns(undefined));
});

config.run();
