import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { planCaches, renderRegistries } from '../../../../scripts/providers/k3d/caches/caches.ts';
import { CACHED_REGISTRIES } from '../../../../scripts/settings/k3d/schema.ts';

const caches = suite('pull-through caches');

caches('one for each upstream, named after it', () => {
  assert.equal(planCaches(['docker.io', 'registry.k8s.io', 'mine.example:5000=http://up:5000']), [
    {
      registry: 'docker.io',
      remoteUrl: 'https://registry-1.docker.io',
      wellKnown: true,
      name: 'hoist-cache-docker-io',
      container: 'k3d-hoist-cache-docker-io',
      endpoint: 'http://k3d-hoist-cache-docker-io:5000',
      volume: 'hoist-cache-docker-io',
    },
    {
      registry: 'registry.k8s.io',
      remoteUrl: 'https://registry.k8s.io',
      wellKnown: true,
      name: 'hoist-cache-registry-k8s-io',
      container: 'k3d-hoist-cache-registry-k8s-io',
      endpoint: 'http://k3d-hoist-cache-registry-k8s-io:5000',
      volume: 'hoist-cache-registry-k8s-io',
    },
    {
      registry: 'mine.example:5000',
      remoteUrl: 'http://up:5000',
      wellKnown: false,
      name: 'hoist-cache-mine-example-5000',
      container: 'k3d-hoist-cache-mine-example-5000',
      endpoint: 'http://k3d-hoist-cache-mine-example-5000:5000',
      volume: 'hoist-cache-mine-example-5000',
    },
  ]);
});

caches("rendered from the project's own template", async () => {
  const template = await readFile(new URL('../../../../files/registries.yaml', import.meta.url), 'utf8');
  const text = await renderRegistries(template, planCaches(CACHED_REGISTRIES));
  assert.equal(parse(text), {
    mirrors: {
      'docker.io': { endpoint: ['http://k3d-hoist-cache-docker-io:5000'] },
      'ghcr.io': { endpoint: ['http://k3d-hoist-cache-ghcr-io:5000'] },
      'quay.io': { endpoint: ['http://k3d-hoist-cache-quay-io:5000'] },
      'registry.k8s.io': { endpoint: ['http://k3d-hoist-cache-registry-k8s-io:5000'] },
    },
  });
});

caches("a user's own mirrors and credentials stay, after the cache", async () => {
  const template = [
    'mirrors:',
    '  docker.io:',
    '    endpoint: [https://mirror.example]',
    '    rewrite: {"^library/(.*)": "hub/$1"}',
    '  "*":',
    '    endpoint: [https://any.example]',
    'configs:',
    '  mirror.example: {auth: {username: me}}',
  ].join('\n');
  const text = await renderRegistries(template, planCaches(['docker.io']));
  assert.match(text, /"\*":/);
  assert.equal(parse(text), {
    mirrors: {
      'docker.io': {
        endpoint: ['http://k3d-hoist-cache-docker-io:5000', 'https://mirror.example'],
        rewrite: { '^library/(.*)': 'hub/$1' },
      },
      '*': { endpoint: ['https://any.example'] },
    },
    configs: { 'mirror.example': { auth: { username: 'me' } } },
  });
});

caches.run();
