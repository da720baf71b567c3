import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultImage, isChannel, neededImages } from '../../../../scripts/providers/k3d/plan/images.ts';

const images = suite('images that k3d will use');
const version = '5.9.0';
const image = defaultImage('1.34.2');
const names = (...args: Parameters<typeof neededImages>): string[] => neededImages(...args).map(({ name }) => name);

images('the pinned node image and the helper of this very k3d, never latest', () => {
  assert.equal(names(version, { image, loadBalancer: false, caches: false }, {}), [
    'docker.io/rancher/k3s:v1.34.2-k3s1',
    'ghcr.io/k3d-io/k3d-tools:5.9.0',
  ]);
});

images('the proxy only with a load balancer, the registry only with caches', () => {
  assert.equal(names(version, { image: 'my/k3s:v1.33.1-k3s1', loadBalancer: true, caches: true }, {}), [
    'my/k3s:v1.33.1-k3s1',
    'ghcr.io/k3d-io/k3d-tools:5.9.0',
    'ghcr.io/k3d-io/k3d-proxy:5.9.0',
    'docker.io/library/registry:2',
  ]);
});

images("k3d's own variables count", () => {
  const env = { K3D_HELPER_IMAGE_TAG: '5.8.3', K3D_IMAGE_LOADBALANCER: 'mirror/proxy:1' };
  assert.equal(names(version, { image, loadBalancer: true, caches: false }, env), [
    'docker.io/rancher/k3s:v1.34.2-k3s1',
    'ghcr.io/k3d-io/k3d-tools:5.8.3',
    'mirror/proxy:1',
  ]);
  assert.equal(names(version, { image, loadBalancer: false, caches: false }, { K3D_IMAGE_TOOLS: 'm/t:2' }), [
    'docker.io/rancher/k3s:v1.34.2-k3s1',
    'm/t:2',
  ]);
});

images('a channel cannot be pulled beforehand', () => {
  for (const channel of ['latest', 'stable', '+v1.33']) {
    assert.ok(isChannel(channel));
    assert.equal(names(version, { image: channel, loadBalancer: false, caches: false }, {}), [
      'ghcr.io/k3d-io/k3d-tools:5.9.0',
    ]);
  }
  assert.not(isChannel('rancher/k3s:latest'));
  assert.is(image, 'docker.io/rancher/k3s:v1.34.2-k3s1');
});

images.run();
