// Names of images: registry, repository, tag or digest, what is no name, and who may be asked without TLS.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mayBePlain, parseReference } from '../../../scripts/support/registry/reference.ts';

const reference = suite('support/registry/reference');

const DIGEST = `sha256:${'0a'.repeat(32)}`;

reference('the parts of a name', () => {
  const table: [image: string, host: string, repository: string, version: string][] = [
    ['nginx', 'registry-1.docker.io', 'library/nginx', 'latest'],
    ['nginx:1.27', 'registry-1.docker.io', 'library/nginx', '1.27'],
    ['ann/app', 'registry-1.docker.io', 'ann/app', 'latest'],
    ['ghcr.io/a/b/c:v1', 'ghcr.io', 'a/b/c', 'v1'],
    ['localhost:5000/a', 'localhost:5000', 'a', 'latest'],
    ['localhost:5000/a:t', 'localhost:5000', 'a', 't'],
    [`ghcr.io/a@${DIGEST}`, 'ghcr.io', 'a', DIGEST],
    [`ghcr.io/a:t@${DIGEST}`, 'ghcr.io', 'a', DIGEST],
    ['ghcr.io/a__b/c-d.e_f', 'ghcr.io', 'a__b/c-d.e_f', 'latest'],
    [`ghcr.io/a:${'t'.repeat(128)}`, 'ghcr.io', 'a', 't'.repeat(128)],
  ];
  for (const [image, host, repository, version] of table) {
    const found = parseReference(image);
    assert.equal([found.host, found.repository, found.version], [host, repository, version], image);
  }
  assert.is(parseReference('nginx').registry, 'docker.io');
  for (const image of [
    '',
    'A',
    'ghcr.io/A',
    'ghcr.io/a:',
    `ghcr.io/a:${'t'.repeat(129)}`,
    'ghcr.io/a@sha256:0a',
    'ghcr.io/a..b',
    'a b',
  ])
    assert.throws(() => parseReference(image), /is no name of an image/, image);
});

reference('registries of this machine and of private networks may be asked without TLS', () => {
  for (const host of [
    'localhost',
    'localhost:5000',
    '127.0.0.1',
    '127.1.2.3:80',
    '[::1]:80',
    'a.localhost',
    'reg.local:5000',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '172.29.0.1',
    '172.31.0.1:5000',
  ])
    assert.is(mayBePlain(host), true, host);
  for (const host of [
    'ghcr.io',
    'localhost.example',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '11.0.0.1',
    'local',
    'x127.0.0.1',
    '10.example.com',
  ])
    assert.is(mayBePlain(host), false, host);
});

reference.run();
