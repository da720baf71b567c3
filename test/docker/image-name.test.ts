// What the names of images leave out.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registryOf, wholeName } from '../../scripts/docker/image-name.ts';

const test = suite('docker: names of images');

test('the registry is named only where the first part looks like one', () => {
  assert.equal(
    ['nginx', 'grafana/grafana', 'docker.io/library/nginx', 'ghcr.io/a/b', 'localhost/a', 'host:5000/a'].map(
      registryOf,
    ),
    ['docker.io', 'docker.io', 'docker.io', 'ghcr.io', 'localhost', 'host:5000'],
  );
});

test('the whole name is that of containerd', () => {
  const whole = {
    nginx: 'docker.io/library/nginx:latest',
    'nginx:1.27': 'docker.io/library/nginx:1.27',
    'grafana/grafana': 'docker.io/grafana/grafana:latest',
    'docker.io/busybox': 'docker.io/library/busybox:latest',
    'ghcr.io/a/b:v1': 'ghcr.io/a/b:v1',
    'host:5000/a': 'host:5000/a:latest',
    'ghcr.io/a/b@sha256:00': 'ghcr.io/a/b@sha256:00',
  };
  for (const [name, expected] of Object.entries(whole)) assert.is(wholeName(name), expected, name);
});

test.run();
