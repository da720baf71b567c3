// Inline values mean what the same text means in a values file; all other settings are YAML 1.2.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { readText } from '../../scripts/kube/manifests/manifests.ts';
import { parseSettingsFile } from '../../scripts/settings/yaml.ts';
import { thrown } from '../kube/helpers.ts';

const inline = suite('settings: inline values');

const values =
  'ingress: {enabled: no}\nworkdir: .\nmode: 0644\ntag: e1234567\nbig: 1700000000123456789\nyes: [on, 1e3, "no", !!str 12]\n';

inline('are those of a values file', async () => {
  const indented = values.replaceAll(/^/gm, '      ').trimEnd();
  const { tree } = await parseSettingsFile(
    'c.yaml',
    `services:\n  - name: web\n    chart: x\n    values:\n${indented}\n`,
  );
  const [file] = (await readText(values, 'v.yaml')).parts;
  assert.equal((tree['services'] as { values: unknown }[])[0]?.values, file?.value);
  assert.equal(file?.value, {
    ingress: { enabled: false },
    workdir: '.',
    mode: 420,
    tag: 'e1234567',
    big: 1700000000123456789n,
    true: [true, 1000, 'no', '12'],
  });
});

inline('other settings stay YAML 1.2', async () => {
  const { tree } = await parseSettingsFile('c.yaml', 'name: no\nservices: [{name: on, version: 0644}]\n');
  assert.equal(tree, { name: 'no', services: [{ name: 'on', version: 644 }] });
});

inline('what JSON cannot hold is refused with its place', async () => {
  const error = await thrown(
    ConfigError,
    parseSettingsFile('c.yaml', 'services:\n  - name: web\n    values: {a: .inf, b: .nan, c: ".inf"}\n'),
  );
  assert.equal(
    error.problems.map(({ where, message }) => `${where} ${message}`),
    [
      'c.yaml:3:17 .inf is no number that JSON can hold; quote it',
      'c.yaml:3:26 .nan is no number that JSON can hold; quote it',
    ],
  );
});

inline.run();
