// Paths of the k3d settings: from the folder of their file, from home, and those that are the engine's.

import { homedir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withPaths } from '../../scripts/cluster/k3d-paths.ts';
import { settingsSchema } from '../../scripts/settings/schema.ts';

const test = suite('cluster/k3d-paths');

const paths = (k3d: object, isLocal?: boolean) =>
  withPaths(settingsSchema.parse({ k3d }).k3d, ([, key]) => `/of/${key}`, ...(isLocal === undefined ? [] : [isLocal]));

test('files are relative to the folder of their setting, and those that are not given stay so', () => {
  const { config, registries, caCertificates } = paths({ config: 'k3d.yaml', registries: '../r.yaml' });
  assert.equal([config, registries, caCertificates], ['/of/config/k3d.yaml', '/of/r.yaml', undefined]);
  assert.is(paths({ caCertificates: '/etc/ca.pem' }).caCertificates, '/etc/ca.pem');
});

test('volumes are those of this machine where the engine runs on it, and else left alone', () => {
  const volumes = [
    './a:/a',
    '../b:/b:ro',
    '.:/c',
    '~/d:/d',
    '~:/e',
    '/f:/f',
    'named:/g',
    '.hidden:/h',
    '~other/i:/i',
    '...:/j',
  ];
  assert.equal(paths({ volumes }).volumes, volumes);
  assert.equal(paths({ volumes }, true).volumes, [
    ...['/of/volumes/a:/a', '/of/b:/b:ro', '/of/volumes:/c', `${homedir()}/d:/d`, `${homedir()}:/e`],
    ...['/f:/f', 'named:/g', '.hidden:/h', '~other/i:/i', '...:/j'],
  ]);
});

test.run();
