import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { atLeast, k3sVersionOf } from '../../../../scripts/providers/k3d/k3s-args/version.ts';

const version = suite('k3s version');

version('reads image names and version strings', () => {
  for (const text of [
    'rancher/k3s:v1.34.2-k3s1',
    'docker.io/rancher/k3s:v1.34.2-k3s1',
    'localhost:5000/k3s:v1.34.2-k3s1@sha256:0123abcd',
    'v1.34.2+k3s1',
    'rancher/k3s:v1.34.2-k3s1-arm64',
  ]) {
    assert.equal(k3sVersionOf(text), { minor: 34, patch: 2, release: 1 }, text);
  }
});

version('does not guess', () => {
  for (const text of ['rancher/k3s:latest', 'latest', 'my/k3s', 'rancher/k3s@sha256:0123', 'v2.1.0', '+stable']) {
    assert.is(k3sVersionOf(text), undefined, text);
  }
});

version('compares', () => {
  const v = { minor: 32, patch: 1, release: 1 };
  assert.ok(atLeast({ minor: 32, patch: 1, release: 1 }, v));
  assert.ok(atLeast({ minor: 33, patch: 0, release: 1 }, v));
  assert.ok(atLeast({ minor: 32, patch: 1, release: 2 }, v));
  assert.not(atLeast({ minor: 32, patch: 0, release: 9 }, v));
  assert.not(atLeast({ minor: 31, patch: 9, release: 1 }, v));
});

version.run();
